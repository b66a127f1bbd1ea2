using System.Runtime.InteropServices;
using SecureStore.Codecs.Lockdown;

namespace SecureStore.Locked;

/// <summary>
/// Takes a codec worker's restrictions upon itself and then tries what a worker that was taken over would try. Prints a line for each attempt: its
/// name and the error number, or 0 where it was done.
/// </summary>
internal static partial class Program
{
    private const int ReadWrite = 2;
    private const int Unix = 1;
    private const int Internet = 2;
    private const int Stream = 1;
    private const int Kill = 9;
    private const int TraceAttach = 16;
    private const int NewUser = 0x10000000;
    private const int SetUpRing = 425;
    private const int SetDumpable = 4;

    private static int Main(string[] args)
    {
        var other = int.Parse(args[0]);
        var lines = new List<string>();

        // What it takes to print is loaded before nothing can be loaded any more.
        Console.Out.WriteLine("locked");
        var missing = Restrictions.Apply();
        Try("open", () => open("/etc/passwd", 0));
        Try("create", () => open("/tmp/locked", ReadWrite | 0x40));
        Try("memory of another", () => open($"/proc/{other}/mem", ReadWrite));
        Try("inet socket", () => socket(Internet, Stream, 0));
        Try("unix socket", () => socket(Unix, Stream, 0));
        Try("fork", () => fork());
        Try("exec", () => execve("/bin/true", 0, 0));
        Try("kill", () => kill(other, Kill));
        Try("tgkill", () => tgkill(other, other, Kill));
        Try("trace", () => (int)ptrace(TraceAttach, other, 0, 0));
        Try("reading another's memory", () => (int)process_vm_readv(other, 0, 0, 0, 0, 0));
        Try("a program in memory", () => memfd_create("program", 0));
        Try("a namespace", () => unshare(NewUser));
        Try("io_uring", () => (int)syscall(SetUpRing, 1, 0));
        Try("lifting restrictions", () => prctl(SetDumpable, 1, 0, 0, 0));
        Console.Out.WriteLine($"missing: {string.Join(", ", missing)}");
        lines.ForEach(Console.Out.WriteLine);
        return 0;

        void Try(string name, Func<int> attempt) => lines.Add($"{name}: {(attempt() < 0 ? Marshal.GetLastPInvokeError() : 0)}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fork();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, nint arguments, nint environment);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tgkill(int process, int thread, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint ptrace(nint request, int process, nint address, nint data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int process, nint local, nuint localCount, nint remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
