using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests.Imaging;

/// <summary>Workers are told from those of others by their parent, so these tests run one after the other.</summary>
[Trait("Server", "yes")]
public class CodecPoolTests
{
    private static readonly FrameDescription Small = new()
    {
        Rows = 2, Columns = 2, SamplesPerPixel = 1, BitsAllocated = 8, BitsStored = 8, PhotometricInterpretation = "MONOCHROME2",
    };

    /// <summary>One segment with four bytes as they are.</summary>
    private static readonly byte[] Rle = [1, 0, 0, 0, 64, 0, 0, 0, .. new byte[56], 3, 1, 2, 3, 4, 0];

    [Fact]
    public async Task A_worker_decompresses_a_frame()
    {
        await using var pool = Pool();
        Assert.True(await pool.CanDecodeAsync(DicomTransferSyntax.RLELossless.UID, CancellationToken.None));
        Assert.False(await pool.CanDecodeAsync(DicomTransferSyntax.MPEG2MPML.UID, CancellationToken.None));
        using var frame = await DecodeAsync(pool, Rle);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, frame.Pixels.ToArray());
        Assert.Equal(Small, frame.Description);
    }

    [Fact]
    public async Task A_damaged_frame_is_refused_and_the_worker_goes_on()
    {
        await using var pool = Pool();
        var refused = await Assert.ThrowsAsync<CodecException>(() => DecodeAsync(pool, Rle[..66]));
        Assert.Equal("An RLE segment ends before its pixels do.", refused.Message);
        using var frame = await DecodeAsync(pool, Rle);
        Assert.Equal(4, frame.Pixels.Length);
    }

    [Fact]
    public async Task A_worker_has_nothing_of_the_archive()
    {
        using var worker = await CodecWorker.StartAsync(CodecProgram.StartInfo(TimeSpan.FromSeconds(30)), CancellationToken.None);
        Assert.Empty(worker.Report.MissingPackages);
        Assert.Empty(worker.Report.MissingRestrictions);
        Assert.Equal(
            ["DOTNET_EnableDiagnostics", "DOTNET_GCHeapHardLimit", "MALLOC_ARENA_MAX", "MALLOC_PERTURB_"],
            (await File.ReadAllTextAsync($"/proc/{worker.Id}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.Equal("/", new DirectoryInfo($"/proc/{worker.Id}/cwd").LinkTarget);
        Assert.All(
            Directory.GetFiles($"/proc/{worker.Id}/fd").Select(path => new FileInfo(path).LinkTarget!),
            target => Assert.Matches(@"\A(pipe:.*|/memfd:doublemapper.*|anon_inode:.*|/dev/.*|.*/(System|Microsoft)\.[^/]*\.dll|.*/(SecureStore\.Codecs|SkiaSharp)\.dll)\z", target));
    }

    [Fact]
    public async Task A_worker_that_dies_over_a_frame_is_replaced()
    {
        await using var pool = Pool();
        var dying = pool.DecodeAsync(
            Someone, Header, Rle.Length,
            async (output, flush, stop) =>
            {
                output.Write(Rle.AsSpan(0, 10));
                await flush(stop);
                Kill(Assert.Single(Workers()));
                output.Write(Rle.AsSpan(10));
            },
            CancellationToken.None);
        await Assert.ThrowsAsync<CodecException>(() => dying);
        using var frame = await DecodeAsync(pool, Rle);
        Assert.Equal(4, frame.Pixels.Length);
    }

    [Fact]
    public async Task A_worker_that_hangs_is_ended_and_others_go_on()
    {
        var clock = new FakeTimeProvider();
        await using var pool = Pool(clock);
        (await DecodeAsync(pool, Rle)).Dispose();
        var hung = Assert.Single(Workers());
        var stopped = new TaskCompletionSource();
        var hanging = pool.DecodeAsync(
            Someone, Header, Rle.Length,
            (output, _, _) =>
            {
                Signal(hung, 19);
                output.Write(Rle);
                stopped.SetResult();
                return ValueTask.CompletedTask;
            },
            CancellationToken.None);
        await stopped.Task;
        using (var other = await DecodeAsync(pool, Rle))
        {
            Assert.Equal(4, other.Pixels.Length);
        }

        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("The frame takes longer to decompress than is allowed.", (await Assert.ThrowsAsync<CodecException>(() => hanging)).Message);
        Assert.DoesNotContain(hung, Workers());
        (await DecodeAsync(pool, Rle)).Dispose();
    }

    [Fact]
    public async Task A_caller_who_goes_leaves_the_worker_to_others()
    {
        await using var pool = Pool(workers: 1);
        (await DecodeAsync(pool, Rle)).Dispose();
        var worker = Assert.Single(Workers());
        Signal(worker, 19);
        using var gone = new CancellationTokenSource();
        var sent = new TaskCompletionSource();
        var waiting = pool.DecodeAsync(
            Someone, Header, Rle.Length,
            (output, _, _) =>
            {
                output.Write(Rle);
                sent.SetResult();
                return ValueTask.CompletedTask;
            },
            gone.Token);
        await sent.Task;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Signal(worker, 18);
        (await DecodeAsync(pool, Rle)).Dispose();
        Assert.Equal([worker], Workers());
    }

    [Fact]
    public async Task Too_many_requests_are_refused_and_the_others_answered()
    {
        await using var pool = new CodecPool(new CodecSettings { Workers = 1, Queue = 1 }, TimeProvider.System, NullLogger<CodecPool>.Instance);
        var go = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var first = pool.DecodeAsync(
            Someone, Header, Rle.Length,
            async (output, _, _) =>
            {
                begun.SetResult();
                await go.Task;
                output.Write(Rle);
            },
            CancellationToken.None);
        await begun.Task;
        // One reader may have half of the places.
        await Assert.ThrowsAsync<CodecUnavailableException>(() => DecodeAsync(pool, Rle));
        var second = DecodeAsync(pool, Rle, caller: Someone with { Reader = "another" });
        await Assert.ThrowsAsync<CodecUnavailableException>(() => DecodeAsync(pool, Rle, caller: Someone with { Reader = "a third" }));
        go.SetResult();
        (await first).Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task A_worker_sees_frames_of_one_study_only()
    {
        await using var pool = Pool();
        var (other, third) = (Someone with { Study = StudyHandle.New() }, Someone with { Study = StudyHandle.New() });
        await pool.CanDecodeAsync(DicomTransferSyntax.RLELossless.UID, CancellationToken.None);
        var first = Assert.Single(Workers());
        (await DecodeAsync(pool, Rle)).Dispose();
        (await DecodeAsync(pool, Rle)).Dispose();
        Assert.Equal([first], Workers());

        // There may be two: the first is there for its own study.
        (await DecodeAsync(pool, Rle, caller: other)).Dispose();
        var second = Assert.Single(Workers(), worker => worker != first);
        (await DecodeAsync(pool, Rle)).Dispose();
        (await DecodeAsync(pool, Rle, caller: other)).Dispose();
        Assert.Equal([.. new[] { first, second }.Order()], Workers());

        // A third study's takes the place of the one that is idle longest.
        (await DecodeAsync(pool, Rle, caller: third)).Dispose();
        Assert.Equal(2, Workers().Count);
        Assert.DoesNotContain(first, Workers());
        Assert.Contains(second, Workers());
    }

    [Fact]
    public async Task Who_waits_for_a_worker_waits_no_longer_than_a_frame_may_take()
    {
        var clock = new FakeTimeProvider();
        await using var pool = Pool(clock, workers: 1);
        var go = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var first = pool.DecodeAsync(
            Someone, Header, Rle.Length,
            async (_, _, _) =>
            {
                begun.SetResult();
                await go.Task;
            },
            CancellationToken.None);
        await begun.Task;
        var second = DecodeAsync(pool, Rle, caller: Someone with { Reader = "another" });
        clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<CodecUnavailableException>(() => second);
        go.SetResult();
        await Assert.ThrowsAsync<CodecException>(() => first);
        (await DecodeAsync(pool, Rle)).Dispose();
    }

    [Fact]
    public async Task A_worker_that_does_not_say_what_it_has_in_time_is_said()
    {
        var clock = new FakeTimeProvider();
        await using var pool = new CodecPool(new CodecSettings(), clock, NullLogger<CodecPool>.Instance)
        {
            Program = _ => new ProcessStartInfo("/bin/cat") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var asked = pool.CanDecodeAsync(DicomTransferSyntax.RLELossless.UID, CancellationToken.None).AsTask();
        clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<CodecUnavailableException>(() => asked);
    }

    [Fact]
    public async Task A_worker_that_is_killed_is_used_no_more()
    {
        using var worker = await CodecWorker.StartAsync(CodecProgram.StartInfo(TimeSpan.FromSeconds(30)), CancellationToken.None);
        Assert.False(worker.HasEnded);
        worker.Kill();
        Assert.True(worker.HasEnded);
    }

    [Fact]
    public async Task Nothing_is_decompressed_without_workers()
    {
        await using var pool = new CodecPool(new CodecSettings { Workers = 0 }, TimeProvider.System, NullLogger<CodecPool>.Instance);
        Assert.False(await pool.CanDecodeAsync(DicomTransferSyntax.RLELossless.UID, CancellationToken.None));
    }

    [Fact]
    public async Task A_worker_that_does_not_start_is_said()
    {
        await using var pool = new CodecPool(new CodecSettings(), TimeProvider.System, NullLogger<CodecPool>.Instance)
        {
            Program = _ => new ProcessStartInfo("/bin/true") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        await Assert.ThrowsAsync<CodecUnavailableException>(() => DecodeAsync(pool, Rle));
    }

    /// <summary>Damaged codestreams of each kind: each is answered or refused, whatever a library does at them.</summary>
    [Fact]
    public async Task Damaged_frames_do_not_stop_the_pool()
    {
        await using var pool = Pool();
        var random = new Random(20);
        foreach (var (header, codestream) in await CompressedSamples.AllAsync())
        {
            (await DecodeAsync(pool, codestream, header)).Dispose();
            // CharLS takes seconds over the rest of a codestream that is damaged on its way: its header has to do.
            var isSlow = header.TransferSyntax == DicomTransferSyntax.JPEGLSLossless.UID;
            for (var i = 0; i < 60; i++)
            {
                var damaged = codestream[..(isSlow ? codestream.Length : random.Next(Math.Max(1, codestream.Length - 40), codestream.Length))];
                for (var change = random.Next(1, 6); change > 0; change--)
                {
                    damaged[random.Next(isSlow ? 45 : Math.Min(damaged.Length, i % 2 == 0 ? 200 : int.MaxValue))] = (byte)random.Next(256);
                }

                try
                {
                    (await DecodeAsync(pool, damaged, header)).Dispose();
                }
                catch (CodecException)
                {
                    // Refused, or a library fell over it: the next one is answered.
                }
            }

            (await DecodeAsync(pool, codestream, header)).Dispose();
        }
    }

    private static CodecCaller Someone { get; } = new(StudyHandle.New(), "someone");

    private static DecodeHeader Header { get; } = new(DicomTransferSyntax.RLELossless.UID, Small);

    private static CodecPool Pool(TimeProvider? clock = null, int workers = 2) =>
        new(new CodecSettings { Workers = workers }, clock ?? TimeProvider.System, NullLogger<CodecPool>.Instance);

    private static Task<NativeFrame> DecodeAsync(CodecPool pool, byte[] codestream, DecodeHeader? header = null, CodecCaller? caller = null) => pool.DecodeAsync(
        caller ?? Someone, header ?? Header, codestream.Length,
        (output, _, _) =>
        {
            output.Write(codestream);
            return ValueTask.CompletedTask;
        },
        CancellationToken.None);

    /// <summary>The workers that this process has started and that have not ended.</summary>
    private static List<int> Workers() => [.. Process.GetProcesses().Where(IsWorker).Select(process => process.Id).Order()];

    private static bool IsWorker(Process process)
    {
        try
        {
            var state = File.ReadAllText($"/proc/{process.Id}/stat");
            var fields = state[(state.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] != "Z" && fields[1] == $"{Environment.ProcessId}" && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("SecureStore.Codecs", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }

    private static void Kill(int process) => Signal(process, 9);

    private static void Signal(int process, int signal) => Assert.Equal(0, kill(process, signal));

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern int kill(int process, int signal);
}
