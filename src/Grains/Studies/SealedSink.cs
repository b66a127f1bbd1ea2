using System.Buffers;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// Gathers the sealed parts of one instance: in a pooled buffer while they are small, in a segment of their own once they outgrow it.
/// Disposed without <see cref="EndAsync"/>, nothing is left behind.
/// </summary>
internal sealed class SealedSink(IObjectStore objects, int writeBuffer) : IAsyncDisposable
{
    /// <summary>How much is held, in bytes, of an object whose study is not known yet.</summary>
    private const int UnknownStudyLimit = 32 << 20;

    private IMemoryOwner<byte>? buffer = BlockMemory.Rent(writeBuffer);
    private int used;
    private long written;
    private ISegmentWriter? writer;

    /// <summary>The study that the object belongs to, as soon as it is known.</summary>
    public StudyHandle? Study { get; set; }

    /// <summary>Bytes taken in so far.</summary>
    public long Position => written + used;

    /// <summary>Room for <paramref name="size"/> sealed bytes, which count as taken in. To be filled before the next call.</summary>
    /// <exception cref="Dicom.DicomDataException">The object says too late what study it belongs to.</exception>
    public async ValueTask<Memory<byte>> TakeAsync(int size, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(buffer is null, this);
        if (used + size > writeBuffer && used > BlockMemory.BlockSize && Study is { } study)
        {
            writer ??= await objects.CreateSegmentAsync(study, cancellation);
            await WriteBlocksAsync(writer, buffer.Memory, cancellation);
        }

        if (used + size > buffer.Memory.Length)
        {
            Grow(used + size);
        }

        var room = buffer.Memory.Slice(used, size);
        used += size;
        return room;
    }

    /// <summary>Seals a whole part (metadata, frame table) behind what is there.</summary>
    /// <returns>Where it begins, counted as <see cref="Position"/>.</returns>
    public async ValueTask<long> SealAsync(SecretKey objectKey, ObjectPart part, ReadOnlyMemory<byte> plain, CancellationToken cancellation)
    {
        var begin = Position;
        using var sealer = new ObjectSealer(objectKey, part);
        sealer.WriteHeader((await TakeAsync(SealedFormat.HeaderSize, cancellation)).Span);
        var chunks = SealedFormat.Chunks(plain.Length);
        for (var index = 0L; index < chunks; index++)
        {
            var chunk = SealedFormat.ChunkAt(index, plain.Length);
            var sealedChunk = await TakeAsync(chunk.PlainLength + SealedFormat.TagSize, cancellation);
            sealer.Seal(plain.Span.Slice((int)chunk.PlainOffset, chunk.PlainLength), chunk.IsLast, sealedChunk.Span);
        }

        return begin;
    }

    /// <summary>Hands everything to the object store. A segment of its own is durable then; an append needs a flush.</summary>
    /// <returns>The segment, and the offset in it that <see cref="Position"/> 0 has got.</returns>
    public async ValueTask<(SegmentId Segment, long Offset, bool IsDurable)> EndAsync(CancellationToken cancellation)
    {
        var rest = buffer!.Memory[..used];
        SealMetrics.Sealed.Add(used);
        if (writer is null)
        {
            var (segment, offset) = await objects.AppendAsync(Study!.Value, rest, cancellation);
            return (segment, offset, false);
        }

        await writer.WriteAsync(rest, cancellation);
        await writer.CompleteAsync(cancellation);
        return (writer.Segment, 0, true);
    }

    public async ValueTask DisposeAsync()
    {
        var (returned, unfinished) = (buffer, writer);
        (buffer, writer, used) = (null, null, 0);
        returned?.Dispose();

        if (unfinished is not null)
        {
            await unfinished.DisposeAsync();
        }
    }

    /// <summary>Whole blocks go to the segment; what is left of the last one waits for the next bytes.</summary>
    private async ValueTask WriteBlocksAsync(ISegmentWriter segment, Memory<byte> held, CancellationToken cancellation)
    {
        var whole = used & -BlockMemory.BlockSize;
        await segment.WriteAsync(held[..whole], cancellation);
        SealMetrics.Sealed.Add(whole);
        held[whole..used].CopyTo(held);
        written += whole;
        used -= whole;
    }

    private void Grow(int needed)
    {
        if (needed > UnknownStudyLimit)
        {
            throw new Dicom.DicomDataException("The study's UID does not come within the first 32 MiB.");
        }

        var larger = BlockMemory.Rent(Math.Max(needed, buffer!.Memory.Length * 2));
        buffer.Memory[..used].CopyTo(larger.Memory);
        buffer.Dispose();
        buffer = larger;
    }
}
