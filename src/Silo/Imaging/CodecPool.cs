using System.Collections.Frozen;
using System.Diagnostics;
using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Imaging;

/// <summary>
/// The workers that decompress: few, started when the first is needed, each with one request at a time and for one study: what a worker
/// that is taken over has seen, it can give to nobody who may not see it. One that fails, or takes too long, is killed; the next request
/// starts another.
/// </summary>
internal sealed class CodecPool(CodecSettings settings, TimeProvider clock, ILogger<CodecPool> log) : IAsyncDisposable
{
    /// <summary>Bytes of answers that workers make, and that are held for their readers, however slow they are.</summary>
    private const long MaxHeld = 4L * MessageFrame.MaxLength;

    /// <summary>Bytes of attributes of instances that are converted, rendered or searched.</summary>
    private const long MaxAttributes = 512L * 1024 * 1024;

    private readonly CodecSettings settings = settings;
    private readonly TimeProvider clock = clock;
    private readonly ILogger<CodecPool> log = log;
    private readonly SharedBudget answers = new(MaxHeld, settings.Workers);
    private readonly SharedBudget attributes = new(MaxAttributes);
    private readonly CodecQueue queue = new(settings.Queue + settings.Workers);

    /// <summary>The longest idle first.</summary>
    private readonly List<CodecWorker> idle = [];
    private readonly CancellationTokenSource stopping = new();
    private FrozenSet<string>? available;
    private bool hasReported;

    /// <summary>Workers that are not idle.</summary>
    private int taken;

    /// <summary>How a worker is started.</summary>
    internal Func<TimeSpan, ProcessStartInfo> Program { get; init; } = CodecProgram.StartInfo;

    /// <summary>Whether there are to be workers at all.</summary>
    public bool HasWorkers => settings.Workers > 0;

    /// <summary>Whether frames in this transfer syntax can be decompressed here.</summary>
    /// <exception cref="CodecUnavailableException">That cannot be told now.</exception>
    public async ValueTask<bool> CanDecodeAsync(string transferSyntax, CancellationToken cancellation)
    {
        if (!HasWorkers)
        {
            return false;
        }

        if (available is null)
        {
            // The first worker says what it has.
            using var share = await EnterAsync("", 0, cancellation);
            try
            {
                GiveBack(await TakeAsync(null, cancellation));
            }
            finally
            {
                queue.Leave("");
            }
        }

        return available!.Contains(transferSyntax);
    }

    /// <summary>
    /// Waits for room for an instance's attributes, which are in memory until it is on its way, however slow its reader is. It is taken before that
    /// for any frame.
    /// </summary>
    /// <param name="reader">Who is to get it.</param>
    /// <param name="bytes">At most a quarter of what there is.</param>
    /// <exception cref="CodecUnavailableException">There is none.</exception>
    public Task<SharedBudget.Share> TakeRoomAsync(string reader, long bytes, CancellationToken cancellation) =>
        TakeShareAsync(attributes, reader, bytes, cancellation);

    /// <summary>Decompresses a frame.</summary>
    /// <param name="caller">For whom.</param>
    /// <param name="header">How it is compressed, and what the data set says of it.</param>
    /// <param name="length">Bytes of the codestream.</param>
    /// <param name="codestream">Writes it.</param>
    /// <exception cref="CodecException">The frame cannot be decompressed, or the worker failed at it.</exception>
    /// <exception cref="CodecUnavailableException">Too many requests wait, this one has waited too long, or no worker starts.</exception>
    public async Task<NativeFrame> DecodeAsync(
        CodecCaller caller, DecodeHeader header, long length, PayloadWriter codestream, CancellationToken cancellation)
    {
        if (length > MessageFrame.MaxPixels || header.Frame.NativeLength > MessageFrame.MaxPixels)
        {
            throw new CodecException("The frame is larger than what is decompressed here.");
        }

        var answer = await AskAsync(caller, MessageKind.Decode, Encode(header), (int)length, codestream, header.Frame.NativeLength, cancellation);
        return NativeFrame.Read(answer, header.Frame);
    }

    /// <summary>Renders a frame.</summary>
    /// <param name="caller">For whom.</param>
    /// <param name="header">What the data set says of it, and what the caller asks for.</param>
    /// <param name="length">Bytes of the frame, as it is stored.</param>
    /// <param name="frame">Writes them.</param>
    /// <returns>A JPEG or PNG file; to be disposed of.</returns>
    /// <exception cref="CodecException">The frame cannot be rendered, or the worker failed at it.</exception>
    /// <exception cref="CodecUnavailableException">Too many requests wait, this one has waited too long, or no worker starts.</exception>
    public async Task<CodecAnswer> RenderAsync(
        CodecCaller caller, RenderHeader header, long length, PayloadWriter frame, CancellationToken cancellation)
    {
        var head = header.Encode();
        if (!HasWorkers || length > MessageFrame.MaxPixels - head.Length)
        {
            throw new CodecException("The frame is larger than what is rendered here, or nothing is.");
        }

        var answer = await AskAsync(caller, MessageKind.Render, head, (int)length, frame, header.MaxImageLength, cancellation);
        if (answer.Kind != MessageKind.Image)
        {
            answer.Dispose();
            throw new CodecException("A codec worker answers with something else than an image.");
        }

        return answer;
    }

    /// <summary>Has a worker answer a request.</summary>
    /// <param name="caller">For whom.</param>
    /// <param name="kind">Of the request.</param>
    /// <param name="head">What stands before the payload.</param>
    /// <param name="payloadLength">Bytes that <paramref name="payload"/> writes.</param>
    /// <param name="mostAnswered">Bytes that the answer may have, beside a description.</param>
    /// <returns>The answer, never a refusal; to be disposed of.</returns>
    /// <exception cref="CodecException">The worker refuses, or failed.</exception>
    /// <exception cref="CodecUnavailableException">Too many requests wait, this one has waited too long, or no worker starts.</exception>
    public async Task<CodecAnswer> AskAsync(
        CodecCaller caller, MessageKind kind, ReadOnlyMemory<byte> head, int payloadLength, PayloadWriter payload, long mostAnswered,
        CancellationToken cancellation)
    {
        var most = (int)Math.Min(MessageFrame.MaxLength, mostAnswered + FrameDescription.MaxEncodedLength + byte.MaxValue);
        var exchange = new Exchange(this, caller, await EnterAsync(caller.Reader, most, cancellation), cancellation);
        var answering = await exchange.BeginAsync(worker => worker.SendAsync(kind, head, payloadLength, payload, exchange.Sending), most);
        var answer = await OwnAsync(answering, cancellation);
        if (answer.Kind == MessageKind.Refused)
        {
            using (answer)
            {
                throw new CodecException(new WireReader(answer.Body.Span).ReadText());
            }
        }

        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        lock (idle)
        {
            idle.ForEach(worker => worker.Dispose());
            idle.Clear();
        }
    }

    private static byte[] Encode(DecodeHeader header)
    {
        var head = new byte[header.EncodedLength];
        var writer = new WireWriter(head);
        header.Write(ref writer);
        return head;
    }

    private Task<SharedBudget.Share> TakeShareAsync(SharedBudget budget, string reader, long bytes, CancellationToken cancellation) => WithinLimitAsync(
        stop => budget.TakeAsync(reader, bytes, stop), "Too much is decompressed or converted, or waits for its readers.", cancellation);

    /// <summary>Waits as long as a frame may take.</summary>
    /// <exception cref="CodecUnavailableException">It takes longer.</exception>
    private async Task<T> WithinLimitAsync<T>(Func<CancellationToken, Task<T>> wait, string otherwise, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(settings.TimeLimit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation, stopping.Token);
        try
        {
            return await wait(stop.Token);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new CodecUnavailableException(otherwise, late);
        }
    }

    /// <summary>Waits for an answer; where the caller goes first, the worker is left to end its work, and the answer is thrown away.</summary>
    private static async Task<CodecAnswer> OwnAsync(Task<CodecAnswer> answering, CancellationToken cancellation)
    {
        try
        {
            return await answering.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _ = ForgetAsync();
            throw;
        }

        async Task ForgetAsync()
        {
            await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (answering.IsCompletedSuccessfully)
            {
                (await answering).Dispose();
            }
        }
    }

    /// <summary>Waits for a worker's place and for room for what it answers.</summary>
    private async Task<SharedBudget.Share> EnterAsync(string reader, long bytes, CancellationToken cancellation)
    {
        queue.Enter(reader);
        try
        {
            return await TakeShareAsync(answers, reader, bytes, cancellation);
        }
        catch
        {
            queue.Leave(reader);
            throw;
        }
    }

    /// <summary>A worker of this study, one that has seen none, or a new one: where there may be no more, the longest idle makes room for it.</summary>
    private async ValueTask<CodecWorker> TakeAsync(StudyHandle? study, CancellationToken cancellation)
    {
        lock (idle)
        {
            foreach (var ended in idle.Where(worker => worker.HasEnded).ToList())
            {
                idle.Remove(ended);
                ended.Dispose();
            }

            if ((idle.FindLast(worker => worker.Study == study) ?? idle.Find(worker => worker.Study is null)) is { } fit)
            {
                idle.Remove(fit);
                fit.Study = study;
                taken++;
                return fit;
            }

            if (idle.Count + taken >= settings.Workers && idle is [var oldest, ..])
            {
                idle.RemoveAt(0);
                oldest.Dispose();
            }

            taken++;
        }

        try
        {
            var started = await WithinLimitAsync(stop => CodecWorker.StartAsync(Program(settings.TimeLimit), stop), "A codec worker does not start.", cancellation);
            started.Study = study;
            available = started.Report.TransferSyntaxes.ToFrozenSet();
            Report(started.Report);
            return started;
        }
        catch
        {
            lock (idle)
            {
                taken--;
            }

            throw;
        }
    }

    private void GiveBack(CodecWorker worker)
    {
        lock (idle)
        {
            taken--;
            if (!stopping.IsCancellationRequested && !worker.HasEnded)
            {
                idle.Add(worker);
                return;
            }
        }

        worker.Dispose();
    }

    /// <summary>Once, not with each worker.</summary>
    private void Report(WorkerReport report)
    {
        if (Interlocked.Exchange(ref hasReported, true))
        {
            return;
        }

        foreach (var package in report.MissingPackages)
        {
            log.LogWarning("{Package} (its name in Debian) is not installed: images that it would decompress are returned as they are stored only.", package);
        }

        foreach (var restriction in report.MissingRestrictions)
        {
            log.LogWarning("This kernel does not grant codec workers a restriction that they ask for: {Restriction}.", restriction);
        }
    }

    /// <summary>A worker's work on one request: it has a place, which ends with it, and room for the answer.</summary>
    private sealed class Exchange : IDisposable
    {
        private readonly CodecPool pool;
        private readonly CodecCaller caller;
        private readonly SharedBudget.Share share;
        private readonly CancellationTokenSource limit;
        private readonly CancellationTokenSource working;
        private readonly CancellationTokenSource sending;
        private CancellationTokenRegistration kill;

        public Exchange(CodecPool pool, CodecCaller caller, SharedBudget.Share share, CancellationToken cancellation)
        {
            (this.pool, this.caller, this.share) = (pool, caller, share);
            limit = new CancellationTokenSource(pool.settings.TimeLimit, pool.clock);
            working = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, pool.stopping.Token);
            sending = CancellationTokenSource.CreateLinkedTokenSource(working.Token, cancellation);
        }

        /// <summary>Cancelled when the request is not to be sent to its end.</summary>
        public CancellationToken Sending => sending.Token;

        /// <summary>Sends the request.</summary>
        /// <returns>The answer, when it comes; the caller need not wait for it.</returns>
        public async Task<Task<CodecAnswer>> BeginAsync(Func<CodecWorker, Task> send, int most)
        {
            CodecWorker? worker = null;
            try
            {
                worker = await pool.TakeAsync(caller.Study, sending.Token);

                // Reading and writing pipes heeds no cancellation: the end of the other side ends it.
                kill = working.Token.UnsafeRegister(static held => ((CodecWorker)held!).Kill(), worker);
                await send(worker);
            }
            catch (Exception failure)
            {
                throw Fail(worker, failure);
            }

            return EndAsync(worker, most);
        }

        public void Dispose()
        {
            kill.Dispose();
            sending.Dispose();
            working.Dispose();
            limit.Dispose();
            share.LeavePlace();
            pool.queue.Leave(caller.Reader);
        }

        private async Task<CodecAnswer> EndAsync(CodecWorker worker, int most)
        {
            try
            {
                var answer = await worker.ReadAsync(most, working.Token);
                await kill.DisposeAsync();
                pool.GiveBack(worker);
                share.Keep(answer.Body.Length);
                answer.Share = share;
                Dispose();
                return answer;
            }
            catch (Exception failure)
            {
                throw Fail(worker, failure);
            }
        }

        /// <summary>Whatever has happened, the worker may still be at work, or wait for the rest of a request: it goes.</summary>
        /// <returns>What the caller is told.</returns>
        private Exception Fail(CodecWorker? worker, Exception failure)
        {
            if (worker is not null)
            {
                worker.Kill();
                pool.GiveBack(worker);
            }

            var isLate = limit.IsCancellationRequested;
            share.Dispose();
            Dispose();
            if (isLate)
            {
                pool.log.LogWarning("A codec worker took longer over a frame than Codecs:TimeLimit, and was ended.");
                return new CodecException("The frame takes longer to decompress than is allowed.", failure);
            }

            if (failure is IOException or CodecException)
            {
                pool.log.LogWarning("A codec worker ended while it worked on a frame; another takes its place.");
                return new CodecException("The codec worker ended while it worked on the frame.", failure);
            }

            return failure;
        }
    }
}
