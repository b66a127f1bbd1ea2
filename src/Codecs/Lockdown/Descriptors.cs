using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Lockdown;

/// <summary>Open files that the starting process may have let through, though none should be there.</summary>
internal static partial class Descriptors
{
    private const string Own = "/proc/self/fd";

    /// <summary>Closes whatever is a file or a socket: the runtime's own are neither.</summary>
    public static void CloseForeign()
    {
        foreach (var path in Directory.GetFiles(Own))
        {
            var number = int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture);
            var target = new FileInfo(path).LinkTarget;
            if (number > 2 && target is not null && (target.StartsWith("socket:", StringComparison.Ordinal) || (target[0] == '/' && !IsOfRuntime(target))))
                _ = close(number);
        }
    }

    private static bool IsOfRuntime(string target) =>
        target.StartsWith("/dev/", StringComparison.Ordinal) || target.StartsWith("/memfd:", StringComparison.Ordinal) || target.EndsWith(".dll", StringComparison.Ordinal);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
