using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SecureStore.Contracts.Servers;

/// <summary>Signals to a process that a test has started.</summary>
public static partial class Signals
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>SIGTERM: asks it to end.</summary>
    public static void AskToEnd(Process process) => Send(process, Terminate);

    /// <summary>SIGSTOP: it stands still, and its connections with it, until <see cref="Resume"/>.</summary>
    public static void Pause(Process process) => Send(process, Stop);

    /// <summary>SIGCONT.</summary>
    public static void Resume(Process process) => Send(process, Continue);

    private static void Send(Process process, int signal)
    {
        if (Kill(process.Id, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
