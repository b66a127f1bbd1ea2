using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Lockdown;

/// <summary>
/// A system call filter (seccomp) for all threads: what the runtime and the libraries need to reckon and to answer is allowed, all else is refused
/// with EPERM. So there are no files, no sockets, no other processes, no signals to them.
/// </summary>
internal static unsafe partial class SystemCalls
{
    private const int NotPermitted = 1;
    private const int NotImplemented = 38;
    private const uint Allow = 0x7FFF0000;
    private const uint Error = 0x00050000;
    private const uint ThreadFlag = 0x00010000;

    // Places in seccomp_data: number, architecture, the low half of the first argument.
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;
    private const uint FirstArgumentAt = 16;

    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfSet = 0x45;
    private const ushort Return = 0x06;

    private static readonly Architecture X64 = new(0xC000003E, 317, CloneCall: 56, KillCall: 234, AffinityCall: 203,
    [
        0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, // read write close fstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn readv writev
        24, 25, 26, 27, 28, 35, 37, 38, 39, 60, // sched_yield mremap msync mincore madvise nanosleep alarm setitimer getpid exit
        96, 98, 99, 128, 131, 149, 150, 186, // gettimeofday getrusage sysinfo rt_sigtimedwait sigaltstack mlock munlock gettid
        201, 202, 204, 218, 219, 228, 230, 231, 237, 239, // time futex sched_getaffinity set_tid_address restart_syscall clock_gettime clock_nanosleep exit_group mbind get_mempolicy
        270, 271, 273, 293, 309, 318, 324, 334, 449, // pselect6 ppoll set_robust_list pipe2 getcpu getrandom membarrier rseq futex_waitv
    ]);

    private static readonly Architecture Arm64 = new(0xC00000B7, 277, CloneCall: 220, KillCall: 131, AffinityCall: 122,
    [
        57, 59, 62, 63, 64, 65, 66, 72, 73, 80, // close pipe2 lseek read write readv writev pselect6 ppoll fstat
        93, 94, 96, 98, 99, 101, 103, 113, 115, // exit exit_group set_tid_address futex set_robust_list nanosleep setitimer clock_gettime clock_nanosleep
        123, 124, 128, 132, 134, 135, 137, 139, // sched_getaffinity sched_yield restart_syscall sigaltstack rt_sigaction rt_sigprocmask rt_sigtimedwait rt_sigreturn
        165, 168, 169, 172, 178, 179, // getrusage getcpu gettimeofday getpid gettid sysinfo
        214, 215, 216, 222, 226, 227, 228, 229, 232, 233, 235, 236, // brk munmap mremap mmap mprotect msync mlock munlock mincore madvise mbind get_mempolicy
        278, 283, 293, 449, // getrandom membarrier rseq futex_waitv
    ]);

    public static bool Apply()
    {
        var architecture = RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => X64,
            System.Runtime.InteropServices.Architecture.Arm64 => Arm64,
            _ => null,
        };
        if (architecture is null || !BitConverter.IsLittleEndian)
            return false;

        const int setFilter = 1;
        const int allThreads = 1;
        var program = Program(architecture, (uint)Environment.ProcessId);
        fixed (Instruction* instructions = program)
        {
            var filter = new Filter { Length = (ushort)program.Length, Instructions = instructions };
            return syscall(architecture.Seccomp, setFilter, allThreads, (nint)(&filter)) == 0;
        }
    }

    private static Instruction[] Program(Architecture architecture, uint process)
    {
        const int clone3 = 435;
        const uint otherAbi = 0x40000000;
        var program = new List<Instruction>
        {
            new(Load, 0, 0, ArchitectureAt),
            new(JumpIfEqual, 1, 0, architecture.Audit),
            new(Return, 0, 0, Error | NotPermitted),
            new(Load, 0, 0, NumberAt),
            new(JumpIfAtLeast, 0, 1, otherAbi),
            new(Return, 0, 0, Error | NotPermitted),
        };
        foreach (var number in architecture.Allowed)
            program.AddRange([new(JumpIfEqual, 0, 1, number), new(Return, 0, 0, Allow)]);

        // What has its flags in memory cannot be looked at: without it, threads are made by clone, which can.
        program.AddRange([new(JumpIfEqual, 0, 1, clone3), new(Return, 0, 0, Error | NotImplemented)]);
        AllowWhere(architecture.CloneCall, JumpIfSet, ThreadFlag);
        AllowWhere(architecture.KillCall, JumpIfEqual, process);

        // Each new thread of the runtime sets its own.
        AllowWhere(architecture.AffinityCall, JumpIfEqual, 0);
        program.Add(new(Return, 0, 0, Error | NotPermitted));
        return [.. program];

        // By the low half of the first argument.
        void AllowWhere(uint call, ushort test, uint operand) => program.AddRange(
        [
            new(JumpIfEqual, 0, 4, call), new(Load, 0, 0, FirstArgumentAt), new(test, 0, 1, operand), new(Return, 0, 0, Allow), new(Return, 0, 0, Error | NotPermitted),
        ]);
    }

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    private sealed record Architecture(uint Audit, int Seccomp, uint CloneCall, uint KillCall, uint AffinityCall, uint[] Allowed);

    /// <summary>sock_filter.</summary>
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary>sock_fprog.</summary>
    private struct Filter
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
