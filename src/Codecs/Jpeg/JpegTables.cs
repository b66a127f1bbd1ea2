using System.Buffers.Binary;

namespace SecureStore.Codecs.Jpeg;

/// <summary>A component of a scan, with the tables that it is coded by.</summary>
/// <param name="Index">Of the component in its frame.</param>
internal readonly record struct ScanComponent(int Index, HuffmanTable? Dc, HuffmanTable? Ac);

/// <summary>A scan header (ISO/IEC 10918-1 B.2.3), as lossless scans have it: of others, what stands for predictor and point transform is something else.</summary>
internal sealed record JpegScan(IReadOnlyList<ScanComponent> Components, int Predictor, int PointTransform);

/// <summary>What the marker segments before a scan say (ISO/IEC 10918-1 B.2.4).</summary>
internal sealed class JpegTables
{
    private readonly HuffmanTable?[] dc = new HuffmanTable?[4];
    private readonly HuffmanTable?[] ac = new HuffmanTable?[4];
    private readonly ushort[]?[] quantization = new ushort[]?[4];

    /// <summary>Minimum coded units between two restart markers; 0 for no markers.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>A quantization table in zigzag order.</summary>
    /// <exception cref="CodecException">It was not defined.</exception>
    public ReadOnlySpan<ushort> Quantization(int index) => quantization[index] ?? throw new CodecException("A JPEG quantization table is missing.");

    /// <summary>Takes a segment in, where it holds tables.</summary>
    /// <exception cref="CodecException">It is damaged.</exception>
    public void Read(byte marker, ReadOnlySpan<byte> segment)
    {
        switch (marker)
        {
            case JpegMarkers.HuffmanTables:
                ReadHuffman(segment);
                break;
            case JpegMarkers.QuantizationTables:
                ReadQuantization(segment);
                break;
            case JpegMarkers.RestartInterval:
                RestartInterval = segment.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : throw Damaged();
                break;
        }
    }

    /// <exception cref="CodecException">The scan header is damaged, or names what was not defined.</exception>
    public JpegScan ReadScan(JpegFrame frame, ReadOnlySpan<byte> segment)
    {
        if (segment.IsEmpty || segment[0] is 0 or > 4 || segment.Length != 4 + (2 * segment[0]))
            throw Damaged();

        var components = new ScanComponent[segment[0]];
        for (var i = 0; i < components.Length; i++)
        {
            var (id, tables) = (segment[1 + (2 * i)], segment[2 + (2 * i)]);
            var index = -1;
            for (var j = 0; j < frame.Components.Count; j++)
            {
                if (frame.Components[j].Id == id)
                    index = j;
            }

            if (index < 0 || (tables >> 4) > 3 || (tables & 15) > 3 || components.AsSpan(0, i).ToArray().Any(other => other.Index == index))
                throw Damaged();

            components[i] = new ScanComponent(index, dc[tables >> 4], ac[tables & 15]);
        }

        return new JpegScan(components, segment[^3], segment[^1] & 15);
    }

    private void ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            if (segment.Length < 17 || (segment[0] & 15) > 3 || segment[0] >> 4 > 1)
                throw Damaged();

            var counts = segment.Slice(1, 16);
            var total = 0;
            foreach (var count in counts)
                total += count;

            if (total > 256 || segment.Length < 17 + total)
                throw Damaged();

            (segment[0] >> 4 == 0 ? dc : ac)[segment[0] & 15] = new HuffmanTable(counts, segment.Slice(17, total));
            segment = segment[(17 + total)..];
        }
    }

    private void ReadQuantization(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            var size = 1 + (segment[0] >> 4);
            if (size > 2 || (segment[0] & 15) > 3 || segment.Length < 1 + (64 * size))
                throw Damaged();

            var table = new ushort[64];
            for (var i = 0; i < 64; i++)
                table[i] = size == 1 ? segment[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + (2 * i))..]);

            quantization[segment[0] & 15] = table;
            segment = segment[(1 + (64 * size))..];
        }
    }

    private static CodecException Damaged() => new("A JPEG marker segment is damaged.");
}
