using System.Globalization;
using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Lockdown;

/// <summary>What the process may have at most (setrlimit).</summary>
internal static unsafe partial class ResourceLimits
{
    /// <summary>Address space beyond that of the start: room for the largest frame in OpenJPEG, which takes four bytes a sample.</summary>
    private const ulong Memory = 2UL * 1024 * 1024 * 1024;

    private const int FileSize = 1;
    private const int CoreSize = 4;
    private const int OpenFiles = 7;
    private const int AddressSpace = 9;

    /// <summary>Where memory runs out, the kernel ends this process, and not the archive's.</summary>
    public static bool EndFirst()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static bool Apply()
    {
        var pages = ulong.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture);
        var used = pages * (ulong)Environment.SystemPageSize;

        // Each thread of the runtime has a pipe. No process limit: it would count those of the archive's user. The system call filter refuses new processes.
        return Set(AddressSpace, used + Memory) & Set(CoreSize, 0) & Set(FileSize, 0) & Set(OpenFiles, 256);
    }

    private static bool Set(int resource, ulong limit)
    {
        var both = stackalloc ulong[] { limit, limit };
        return setrlimit(resource, both) == 0;
    }

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, ulong* limit);
}
