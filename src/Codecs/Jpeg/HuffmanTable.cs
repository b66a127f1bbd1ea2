namespace SecureStore.Codecs.Jpeg;

/// <summary>A Huffman table (ISO/IEC 10918-1 annex C and F.2.2.3).</summary>
internal sealed class HuffmanTable
{
    private const int LookBits = 9;
    private const int MaxBits = 16;

    private readonly byte[] values;

    /// <summary>For each pattern of the next bits: length of its code and its value, or 0 where the code is longer.</summary>
    private readonly ushort[] look = new ushort[1 << LookBits];

    /// <summary>For each length: one more than the last code, moved up to 16 bits; and what to add to a code for its value's place.</summary>
    private readonly int[] ends = new int[MaxBits + 1];
    private readonly int[] places = new int[MaxBits + 1];

    /// <param name="counts">Number of codes of 1 to 16 bits.</param>
    /// <param name="values">Of the codes, in order.</param>
    /// <exception cref="CodecException">There are more codes than there can be.</exception>
    public HuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        this.values = values.ToArray();
        var (code, place) = (0, 0);
        for (var length = 1; length <= MaxBits; length++)
        {
            places[length] = place - code;
            for (var i = 0; i < counts[length - 1]; i++, code++, place++)
            {
                if (length <= LookBits)
                {
                    var first = code << (LookBits - length);
                    look.AsSpan(Math.Min(first, look.Length - 1), Math.Min(1 << (LookBits - length), look.Length - Math.Min(first, look.Length - 1)))
                        .Fill((ushort)((length << 8) | values[place]));
                }
            }

            if (code > 1 << length)
                throw new CodecException("A JPEG Huffman table has more codes than there can be.");

            ends[length] = code << (MaxBits - length);
            code <<= 1;
        }
    }

    /// <exception cref="CodecException">The next bits are no code.</exception>
    public int Decode(ref JpegBits bits)
    {
        var entry = look[bits.Peek(LookBits)];
        if (entry != 0)
        {
            bits.Skip(entry >> 8);
            return entry & 0xFF;
        }

        var next = bits.Peek(MaxBits);
        for (var length = LookBits + 1; length <= MaxBits; length++)
        {
            if (next < ends[length])
            {
                bits.Skip(length);
                return values[places[length] + (next >> (MaxBits - length))];
            }
        }

        throw new CodecException("The JPEG codestream has bits that are no code.");
    }
}
