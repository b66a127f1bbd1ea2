using System.Buffers;
using System.Security.Cryptography;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>Opens a sealed part in an object store: any range of it, a read of just under 1 MiB at a time, each chunk checked before a byte of it leaves.</summary>
internal sealed class SealedPartReader : IDisposable
{
    /// <summary>With their tags these fit a MiB, which the pool has; with 16 it would give two.</summary>
    private const int ChunksARead = 15;

    private readonly IObjectStore objects;
    private readonly StudyHandle study;
    private readonly SealedPart part;
    private readonly ObjectOpener opener;

    private SealedPartReader(IObjectStore objects, StudyHandle study, SealedPart part, ObjectOpener opener) =>
        (this.objects, this.study, this.part, this.opener) = (objects, study, part, opener);

    /// <exception cref="SealedObjectException">The header is damaged, or another part's or another object's.</exception>
    public static async ValueTask<SealedPartReader> OpenAsync(
        IObjectStore objects, StudyHandle study, SealedPart part, ObjectPart kind, SecretKey objectKey, CancellationToken cancellation)
    {
        var header = ArrayPool<byte>.Shared.Rent(SealedFormat.HeaderSize);
        try
        {
            var read = await ReadAsync(objects, study, part.Segment, part.Offset, header.AsMemory(0, SealedFormat.HeaderSize), cancellation);
            return new SealedPartReader(objects, study, part, ObjectOpener.Create(objectKey, header.AsSpan(0, read), kind));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(header);
        }
    }

    /// <summary>Writes a range of the part to <paramref name="output"/>, calling <paramref name="flush"/> after each read.</summary>
    public async ValueTask CopyAsync(
        long offset, long count, IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        if (count == 0 && part.Length > 0)
        {
            return;
        }

        var size = opener.ChunkSize;
        var (first, last) = count == 0 ? (0L, 0L) : SealedFormat.ChunksOf(offset, count, part.Length, size);
        var chunks = (int)Math.Min(ChunksARead, last - first + 1);
        var buffer = ArrayPool<byte>.Shared.Rent(chunks * (size + SealedFormat.TagSize));
        try
        {
            for (var index = first; index <= last; index += chunks)
            {
                var final = Math.Min(last, index + chunks - 1);
                var begin = SealedFormat.ChunkAt(index, part.Length, size);
                var end = SealedFormat.ChunkAt(final, part.Length, size);
                var length = (int)(end.SealedOffset - begin.SealedOffset) + end.PlainLength + SealedFormat.TagSize;
                var read = await ReadAsync(objects, study, part.Segment, part.Offset + begin.SealedOffset, buffer.AsMemory(0, length), cancellation);
                for (var one = index; one <= final; one++)
                {
                    Release(SealedFormat.ChunkAt(one, part.Length, size), begin.SealedOffset, buffer.AsSpan(0, read), offset, count, output);
                }

                SealMetrics.Opened.Add(read);
                await flush(cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Opens a range that fits in memory.</summary>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellation) =>
        await CopyAsync(offset, destination.Length, new MemoryTarget(destination), static _ => default, cancellation);

    public void Dispose() => opener.Dispose();

    private void Release(SealedChunk chunk, long readFrom, ReadOnlySpan<byte> read, long offset, long count, IBufferWriter<byte> output)
    {
        var at = (int)(chunk.SealedOffset - readFrom);
        var sealedChunk = read.Slice(Math.Min(at, read.Length), Math.Min(chunk.PlainLength + SealedFormat.TagSize, Math.Max(0, read.Length - at)));
        var from = (int)Math.Max(0, offset - chunk.PlainOffset);
        var wanted = (int)Math.Min(chunk.PlainLength, offset + count - chunk.PlainOffset) - from;
        if (sealedChunk.Length != chunk.PlainLength + SealedFormat.TagSize)
        {
            throw new SealedObjectException("A sealed object is cut off.");
        }

        if (wanted == chunk.PlainLength)
        {
            opener.Open(chunk.Index, chunk.IsLast, sealedChunk, output.GetSpan(chunk.PlainLength)[..chunk.PlainLength]);
            output.Advance(wanted);
            return;
        }

        var whole = ArrayPool<byte>.Shared.Rent(chunk.PlainLength);
        try
        {
            opener.Open(chunk.Index, chunk.IsLast, sealedChunk, whole.AsSpan(0, chunk.PlainLength));
            whole.AsSpan(from, wanted).CopyTo(output.GetSpan(wanted));
            output.Advance(wanted);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(whole.AsSpan(0, chunk.PlainLength));
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private static async ValueTask<int> ReadAsync(
        IObjectStore objects, StudyHandle study, SegmentId segment, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = await objects.ReadAsync(study, segment, offset + total, buffer[total..], cancellation);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <summary>A fixed piece of memory as a writer's target.</summary>
    private sealed class MemoryTarget(Memory<byte> memory) : IBufferWriter<byte>
    {
        private int used;

        public void Advance(int count) => used += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => memory[used..];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
