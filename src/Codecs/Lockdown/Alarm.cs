using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Lockdown;

/// <summary>The kernel's own time limit: SIGALRM, which nobody handles, ends the process.</summary>
internal static partial class Alarm
{
    /// <param name="seconds">0 for none.</param>
    public static void Set(uint seconds) => _ = alarm(seconds);

    [LibraryImport("libc")]
    private static partial uint alarm(uint seconds);
}
