using System.Buffers.Binary;

namespace SecureStore.Codecs.Rendering;

/// <summary>Segmented palette color lookup tables (PS3.3 C.7.9.2): discrete, linear and indirect segments.</summary>
internal static class SegmentedTable
{
    private const int Discrete = 0;
    private const int Linear = 1;
    private const int Indirect = 2;

    /// <summary>Writes the segments out.</summary>
    /// <param name="data">The segments.</param>
    /// <param name="count">Entries that they make.</param>
    /// <param name="isWide">Whether each value is of 16 bits, else of 8.</param>
    /// <exception cref="CodecException">They make another number of entries, or are damaged.</exception>
    public static ushort[] Expand(ReadOnlySpan<byte> data, int count, bool isWide)
    {
        var expansion = new Expansion(data, new ushort[count], isWide);
        var at = 0;
        while (at < data.Length && !expansion.IsFull)
            at = expansion.Segment(at, mayBeIndirect: true);

        return expansion.IsFull ? expansion.Entries : throw Damaged();
    }

    private static CodecException Damaged() => new("A segmented lookup table is damaged.");

    private ref struct Expansion(ReadOnlySpan<byte> data, ushort[] entries, bool isWide)
    {
        private readonly ReadOnlySpan<byte> data = data;
        private readonly int size = isWide ? 2 : 1;
        private int filled;

        public ushort[] Entries { get; } = entries;

        public readonly bool IsFull => filled == Entries.Length;

        /// <summary>Writes one segment out.</summary>
        /// <returns>Where the next one begins.</returns>
        public int Segment(int at, bool mayBeIndirect)
        {
            var (opcode, length) = (Value(at), Value(at + size));
            at += 2 * size;

            // Each segment makes an entry, so that the work ends with the table.
            if (length == 0)
                throw Damaged();

            switch (opcode)
            {
                case Discrete:
                    for (var i = 0; i < length; i++, at += size)
                        Add(Value(at));

                    return at;
                case Linear when filled > 0:
                    AddLine(length, Value(at));
                    return at + size;
                case Indirect when mayBeIndirect:
                    // The offset is of 32 bits, in two or four values, least significant first.
                    var offset = size == 2 ? Value(at) | ((uint)Value(at + 2) << 16) : (uint)(Value(at) | (Value(at + 1) << 8) | (Value(at + 2) << 16)) | ((uint)Value(at + 3) << 24);
                    if (offset >= data.Length)
                        throw Damaged();

                    var copied = (int)offset;
                    for (var i = 0; i < length; i++)
                        copied = Segment(copied, mayBeIndirect: false);

                    return at + 4;
                default:
                    throw Damaged();
            }
        }

        private void AddLine(int length, int end)
        {
            int start = Entries[filled - 1];
            for (var i = 1; i <= length; i++)
                Add((ushort)(start + ((end - start) * (double)i / length) + 0.5));
        }

        private void Add(ushort value)
        {
            if (IsFull)
                throw Damaged();

            Entries[filled++] = value;
        }

        private readonly ushort Value(int at)
        {
            if (at > data.Length - size)
                throw Damaged();

            return size == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(data[at..]) : data[at];
        }
    }
}
