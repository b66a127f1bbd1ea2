using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Lockdown;

/// <summary>
/// Landlock (Linux 5.13 and later): no file system, and as far as the kernel knows how no TCP, no abstract socket and no signal outside. It holds for the
/// thread that decompresses; for the runtime's other threads the system call filter alone does.
/// </summary>
internal static unsafe partial class Landlock
{
    private const int CreateRuleset = 444;
    private const int RestrictSelf = 446;
    private const int AskVersion = 1;

    public static bool Apply()
    {
        var version = syscall(CreateRuleset, 0, 0, AskVersion);
        if (version < 1)
            return false;

        // Bits that a kernel does not know it refuses, so each version has its own.
        var attributes = stackalloc ulong[]
        {
            version >= 5 ? 0xFFFFUL : version >= 3 ? 0x7FFFUL : version >= 2 ? 0x3FFFUL : 0x1FFFUL,
            version >= 4 ? 3UL : 0,
            version >= 6 ? 3UL : 0,
        };
        var size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
        var ruleset = syscall(CreateRuleset, (nint)attributes, size, 0);
        if (ruleset < 0)
            return false;

        // No rule is added: nothing is allowed.
        var isGranted = syscall(RestrictSelf, ruleset, 0, 0) == 0;
        _ = close((int)ruleset);
        return isGranted;
    }

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
