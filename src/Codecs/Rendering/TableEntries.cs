using System.Buffers.Binary;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rendering;

/// <summary>The entries of lookup tables (PS3.3 C.11.1.1, C.7.6.3.1.6).</summary>
internal static class TableEntries
{
    /// <summary>All entries of a table.</summary>
    /// <exception cref="CodecException">The data are shorter than the descriptor says, or it makes no sense.</exception>
    public static ushort[] Of(LookupTable table)
    {
        var count = table.Count == 0 ? ushort.MaxValue + 1 : table.Count;
        if (table.Bits is < 8 or > 16)
            throw new CodecException("A lookup table has a descriptor that makes no sense.");

        var data = table.Data.Span;
        if (table.IsSegmented)
            return SegmentedTable.Expand(data, count, isWide: table.Bits > 8 || LooksWide(data));

        // Entries of 8 bits take a word each, or are packed, two in a word.
        var isWide = data.Length >= count * sizeof(ushort);
        if (!isWide && (table.Bits > 8 || data.Length < count))
            throw new CodecException("A lookup table is shorter than its descriptor says.");

        var entries = new ushort[count];
        for (var i = 0; i < count; i++)
            entries[i] = isWide ? BinaryPrimitives.ReadUInt16LittleEndian(data[(i * 2)..]) : data[i];

        return entries;
    }

    /// <summary>Whether segments of 8-bit entries take a word for each value: the first opcode and its length have a zero byte then.</summary>
    private static bool LooksWide(ReadOnlySpan<byte> data) => data is [<= 2, 0, not 0, 0, ..];
}
