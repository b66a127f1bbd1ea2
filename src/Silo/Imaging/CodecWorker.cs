using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Imaging;

/// <summary>Writes the bytes that follow a request's header, flushing now and then.</summary>
internal delegate ValueTask PayloadWriter(IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation);

/// <summary>A worker process from this side: one request at a time. After any failure it is to be thrown away.</summary>
internal sealed class CodecWorker : IDisposable
{
    private const int MaxReport = 16 * 1024;

    private readonly Process process;
    private readonly Stream requests;
    private readonly PipeWriter input;
    private readonly Stream output;
    private readonly byte[] header = new byte[MessageFrame.HeaderSize];
    private bool isKilled;
    private bool isDisposed;

    private CodecWorker(Process process)
    {
        this.process = process;
        requests = process.StandardInput.BaseStream;
        input = PipeWriter.Create(requests);
        output = process.StandardOutput.BaseStream;
    }

    /// <summary>The process's number.</summary>
    public int Id => process.Id;

    /// <summary>Whether it is gone or going: the end of a process that is killed shows later.</summary>
    public bool HasEnded => isKilled || process.HasExited;

    /// <summary>The study whose frames it sees; null for one that has seen none.</summary>
    public StudyHandle? Study { get; set; }

    public WorkerReport Report { get; private set; } = null!;

    /// <exception cref="CodecUnavailableException">It does not start.</exception>
    public static async Task<CodecWorker> StartAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        CodecWorker? worker = null;
        try
        {
            worker = new CodecWorker(Process.Start(start)!);
            await using var kill = cancellation.UnsafeRegister(static started => ((CodecWorker)started!).Kill(), worker);

            // What the runtime or a library says of damaged input is nobody's to read.
            _ = DrainAsync(worker.process.StandardError.BaseStream);
            using var hello = await worker.ReadAsync(MaxReport, cancellation);
            var reader = new WireReader(hello.Body.Span);
            worker.Report = hello.Kind == MessageKind.Hello ? WorkerReport.Read(ref reader) : throw new CodecException("A worker does not say what it is.");
            return worker;
        }
        catch (Exception failure)
        {
            worker?.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw new CodecUnavailableException("A codec worker does not start.", failure);
        }
    }

    /// <summary>Sends a request.</summary>
    /// <param name="kind">Of the request.</param>
    /// <param name="head">What stands before the payload.</param>
    /// <param name="payloadLength">Bytes that <paramref name="payload"/> writes.</param>
    /// <exception cref="IOException">The worker has ended.</exception>
    public async Task SendAsync(MessageKind kind, ReadOnlyMemory<byte> head, int payloadLength, PayloadWriter payload, CancellationToken cancellation)
    {
        MessageFrame.Write(input.GetSpan(MessageFrame.HeaderSize), kind, head.Length + payloadLength);
        input.Advance(MessageFrame.HeaderSize);
        input.Write(head.Span);
        var counted = new CountedWriter(input, payloadLength);
        await payload(counted, FlushAsync, cancellation);
        await FlushAsync(cancellation);
        if (counted.Left > 0)
        {
            throw new InvalidOperationException("A request is shorter than was said.");
        }
    }

    /// <summary>Reads a message.</summary>
    /// <param name="most">Bytes that it may have.</param>
    /// <exception cref="IOException">The worker has ended.</exception>
    /// <exception cref="CodecException">What comes is no message, or a longer one.</exception>
    public async Task<CodecAnswer> ReadAsync(int most, CancellationToken cancellation)
    {
        await output.ReadExactlyAsync(header, cancellation);
        var (kind, length) = MessageFrame.Read(header);
        if (length > most)
        {
            throw new CodecException("A codec worker answers with more than was asked for.");
        }

        var answer = new CodecAnswer(kind, length);
        try
        {
            await output.ReadExactlyAsync(answer.Buffer, cancellation);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Ends the process: whatever waits for it fails.</summary>
    public void Kill()
    {
        lock (process)
        {
            // One of our own whose end was not yet waited for: the number is no other's.
            if (!isDisposed)
            {
                isKilled = true;
                process.Kill();
            }
        }
    }

    public void Dispose()
    {
        Kill();
        lock (process)
        {
            isDisposed = true;
            process.Dispose();
        }

        // Process does not close what was asked of it.
        requests.Dispose();
        output.Dispose();
    }

    private static async Task DrainAsync(Stream errors)
    {
        await using (errors)
        {
            await errors.CopyToAsync(Stream.Null, CancellationToken.None);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellation) => await input.FlushAsync(cancellation);

    /// <summary>Passes on no more than was said.</summary>
    private sealed class CountedWriter(PipeWriter output, long length) : IBufferWriter<byte>
    {
        public long Left { get; private set; } = length;

        public void Advance(int count)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Left);
            Left -= count;
            output.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);
    }
}
