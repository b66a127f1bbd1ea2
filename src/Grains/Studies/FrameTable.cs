using System.Buffers.Binary;
using SecureStore.Dicom;

namespace SecureStore.Grains.Studies;

/// <summary>Works out an instance's <see cref="FrameIndex"/> and the table that encapsulated frames need.</summary>
internal static class FrameTable
{
    /// <returns>The index without its table's place, and the table's bytes: empty for native pixel data and where there are no frames.</returns>
    public static (FrameIndex? Index, ReadOnlyMemory<byte> Table) Of(DicomDataset dataset, DicomPixelLayout? layout)
    {
        if (layout is null)
        {
            return (null, default);
        }

        var bits = dataset.TryGetInt32(DicomTag.BitsAllocated, out var allocated) && allocated > 0 ? allocated : 8;
        if (!layout.IsEncapsulated)
        {
            return (Native(dataset, layout, bits), default);
        }

        return layout.FrameCount == 0
            ? (null, default)
            : (new FrameIndex { Count = layout.FrameCount, BitsAllocated = bits }, Table(layout));
    }

    /// <summary>Reads one frame's fragments out of a table.</summary>
    /// <param name="entry">The frame's entry.</param>
    /// <returns>Index of its first fragment and their number.</returns>
    public static (long First, long Count) Frame(ReadOnlySpan<byte> entry) =>
        (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));

    private static FrameIndex? Native(DicomDataset dataset, DicomPixelLayout layout, int bits)
    {
        if (layout.FrameCount > 0)
        {
            var length = layout.GetFrame(0)[0].Length;
            return new FrameIndex { Count = layout.FrameCount, NativeOffset = layout.Offset, NativeFrameBits = length * 8, BitsAllocated = bits };
        }

        // Bits packed over frames: a frame may begin within a byte (PS3.5 8.1.1).
        if (bits != 1 || !dataset.TryGetInt32(DicomTag.Rows, out var rows) || !dataset.TryGetInt32(DicomTag.Columns, out var columns))
        {
            return null;
        }

        var frameBits = (long)rows * columns;
        var count = frameBits <= 0 ? 0 : Math.Min(layout.NumberOfFrames, layout.Length * 8 / frameBits);
        return count == 0
            ? null
            : new FrameIndex { Count = (int)count, NativeOffset = layout.Offset, NativeFrameBits = frameBits, BitsAllocated = 1 };
    }

    private static byte[] Table(DicomPixelLayout layout)
    {
        var frames = Enumerable.Range(0, layout.FrameCount).Select(layout.GetFrame).ToList();
        var table = new byte[(frames.Count + frames.Sum(ranges => ranges.Count)) * FrameIndex.EntrySize];
        var (entry, fragment) = (0, 0L);
        foreach (var ranges in frames)
        {
            Write(table, entry++, fragment, ranges.Count);
            fragment += ranges.Count;
        }

        foreach (var range in frames.SelectMany(ranges => ranges))
        {
            Write(table, entry++, range.Offset, range.Length);
        }

        return table;
    }

    private static void Write(Span<byte> table, int entry, long first, long second)
    {
        var at = table[(entry * FrameIndex.EntrySize)..];
        BinaryPrimitives.WriteInt64LittleEndian(at, first);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], second);
    }
}
