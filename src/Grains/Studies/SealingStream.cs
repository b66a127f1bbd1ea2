using System.Buffers;
using System.Security.Cryptography;
using SecureStore.Dicom;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// Hands a source's bytes on to whoever reads, and on the way seals them into a sink and reckons the data set's MAC: one pass, however
/// large the object is.
/// </summary>
internal sealed class SealingStream : ForwardStream, IPassedOver
{
    private readonly Stream source;
    private readonly SealedSink sink;
    private readonly ObjectSealer sealer;
    private readonly BulkMac mac;
    /// <summary>
    /// A header up to this size has been read before its first chunk is full, however the source cuts its reads. A longer one counts as
    /// part of the data set, so that the MAC never depends on the timing.
    /// </summary>
    private const long LongestHeader = 16 * 1024;

    private byte[] chunk = ArrayPool<byte>.Shared.Rent(SealedFormat.ChunkSize);
    private long dataSetOffset;
    private int filled;
    private long sealedBytes;

    public SealingStream(Stream source, SealedSink sink, SecretKey objectKey, SecretKey macKey)
    {
        (this.source, this.sink) = (source, sink);
        sealer = new ObjectSealer(objectKey);
        mac = new BulkMac(macKey);
    }

    /// <summary>Bytes in front of the data set, which its MAC leaves out. To be set before the second chunk begins.</summary>
    public long DataSetOffset
    {
        set => dataSetOffset = value <= LongestHeader ? value : 0;
    }

    /// <summary>Bytes that have passed.</summary>
    public override long Length => sealedBytes + filled;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(chunk.Length == 0, this);
        if (sealedBytes == 0 && filled < SealedFormat.ChunkSize && buffer.Length > SealedFormat.ChunkSize - filled)
        {
            // The header's end is known before the chunk that it is in is sealed.
            buffer = buffer[..(SealedFormat.ChunkSize - filled)];
        }

        var read = await source.ReadAsync(buffer, cancellationToken);
        for (var passed = buffer[..read]; !passed.IsEmpty;)
        {
            if (filled == SealedFormat.ChunkSize)
            {
                await SealAsync(last: false, cancellationToken);
            }

            var taken = Math.Min(passed.Length, SealedFormat.ChunkSize - filled);
            passed.Span[..taken].CopyTo(chunk.AsSpan(filled));
            filled += taken;
            passed = passed[taken..];
        }

        return read;
    }

    public async ValueTask<int> PassOverAsync(long atMost, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(chunk.Length == 0, this);
        if (filled == SealedFormat.ChunkSize)
        {
            await SealAsync(last: false, cancellation);
        }

        var read = await source.ReadAsync(chunk.AsMemory(filled, (int)Math.Min(atMost, SealedFormat.ChunkSize - filled)), cancellation);
        filled += read;
        return read;
    }

    /// <summary>Seals the last chunk.</summary>
    /// <returns>The data set's MAC.</returns>
    public async ValueTask<Mac> EndAsync(CancellationToken cancellation)
    {
        await SealAsync(last: true, cancellation);
        return mac.Finish();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && chunk is { Length: > 0 } plain)
        {
            chunk = [];
            sealer.Dispose();
            mac.Dispose();
            CryptographicOperations.ZeroMemory(plain);
            ArrayPool<byte>.Shared.Return(plain);
        }

        base.Dispose(disposing);
    }

    private async ValueTask SealAsync(bool last, CancellationToken cancellation)
    {
        if (sealedBytes == 0)
        {
            sealer.WriteHeader((await sink.TakeAsync(SealedFormat.HeaderSize, cancellation)).Span);
        }

        var before = (int)Math.Clamp(dataSetOffset - sealedBytes, 0, filled);
        mac.AppendData(chunk.AsSpan(before, filled - before));
        var room = await sink.TakeAsync(filled + SealedFormat.TagSize, cancellation);
        sealer.Seal(chunk.AsSpan(0, filled), last, room.Span);
        sealedBytes += filled;
        filled = 0;
    }
}
