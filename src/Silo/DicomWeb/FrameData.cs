using System.Buffers;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Where the bytes of a frame or another value are, and how they have to be changed on the way out.</summary>
internal sealed class FrameData
{
    private readonly IReadOnlyList<(long Offset, long Length)> _ranges;

    private FrameData(IReadOnlyList<(long Offset, long Length)> ranges, long length) => (_ranges, Length) = (ranges, length);

    /// <summary>Bytes that go out.</summary>
    public long Length { get; }

    /// <summary>Bits at the start of the range that belong to the frame before.</summary>
    private long SkippedBits { get; init; }

    /// <summary>Bits of the frame; 0 where its bytes go out as they are stored.</summary>
    private long Bits { get; init; }

    /// <summary>Bytes in one big-endian word that is turned round; 1 where none is.</summary>
    private int WordSize { get; init; } = 1;

    /// <summary>Finds a frame, from 1 to the instance's number of frames.</summary>
    /// <param name="wordSize">Bytes in a word of big-endian pixel data, else 1.</param>
    public static async ValueTask<FrameData> FindAsync(
        IReadSession session, InstanceRecord instance, int frame, int wordSize, CancellationToken cancellation)
    {
        var index = instance.Frames!;
        if (index.NativeFrameBits == 0)
        {
            var ranges = await session.FrameAsync(instance, frame, cancellation);
            return new FrameData(ranges, ranges.Sum(range => range.Length));
        }

        return Native(index, (frame - 1) * index.NativeFrameBits, index.NativeFrameBits, wordSize);
    }

    /// <summary>All native frames as one value.</summary>
    public static FrameData AllNative(FrameIndex index, int wordSize) => Native(index, 0, index.NativeFrameBits * index.Count, wordSize);

    /// <summary>A value that stands in these ranges, one after the other.</summary>
    public static FrameData Of(IReadOnlyList<(long Offset, long Length)> ranges, int wordSize)
    {
        var length = ranges.Sum(range => range.Length);
        return new FrameData(ranges, length) { WordSize = wordSize, Bits = wordSize == 1 ? 0 : 8 * length };
    }

    /// <summary>A piece of it, of whole bytes as they go out.</summary>
    public FrameData Slice(long start, long length)
    {
        if (Bits == 0)
        {
            return new FrameData([.. Cut(start, length)], length);
        }

        var firstBit = SkippedBits + (8 * start);
        var bits = Math.Min(8 * length, Bits - (8 * start));
        var wordBits = 8L * WordSize;
        var from = firstBit / wordBits * WordSize;
        var to = (firstBit + bits + wordBits - 1) / wordBits * WordSize;
        return new FrameData([.. Cut(from, to - from)], length) { WordSize = WordSize, SkippedBits = firstBit % wordBits, Bits = bits };
    }

    public async ValueTask WriteAsync(WadoRequest request, InstanceRecord instance)
    {
        await CopyAsync(request.Session, instance, request.Body, request.Body.FlushAsync, request.Aborted);
        await request.Body.FlushIfFullAsync(request.Aborted);
    }

    /// <summary>Writes it to any place, flushing now and then.</summary>
    public async ValueTask CopyAsync(
        IReadSession session, InstanceRecord instance, IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        using var bits = WordSize == 1 && Bits == 0 ? null : new FrameBitWriter(output, WordSize, SkippedBits, Bits);
        foreach (var (offset, length) in _ranges)
        {
            await FileRanges.CopyAsync(session, instance, offset, length, bits ?? output, flush, cancellation);
        }

        bits?.Complete();
    }

    private IEnumerable<(long Offset, long Length)> Cut(long start, long length)
    {
        foreach (var range in _ranges)
        {
            var from = Math.Min(start, range.Length);
            var count = Math.Min(length, range.Length - from);
            if (count > 0)
            {
                yield return (range.Offset + from, count);
            }

            (start, length) = (start - from, length - count);
        }
    }

    private static FrameData Native(FrameIndex index, long firstBit, long bits, int wordSize)
    {
        var wordBits = 8L * wordSize;
        var start = firstBit / wordBits * wordSize;
        var end = (firstBit + bits + wordBits - 1) / wordBits * wordSize;
        var skipped = firstBit - 8 * start;
        var length = (bits + 7) / 8;
        return new FrameData([(index.NativeOffset + start, end - start)], length)
        {
            WordSize = wordSize,
            SkippedBits = skipped,
            Bits = wordSize == 1 && skipped == 0 && bits % 8 == 0 ? 0 : bits,
        };
    }
}
