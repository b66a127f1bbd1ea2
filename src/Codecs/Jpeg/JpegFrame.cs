using System.Buffers.Binary;

namespace SecureStore.Codecs.Jpeg;

/// <summary>A component of a JPEG frame (ISO/IEC 10918-1 B.2.2).</summary>
internal readonly record struct JpegComponent(byte Id, int Horizontal, int Vertical, int QuantizationTable);

/// <summary>A JPEG frame header: which process, and what size.</summary>
/// <param name="Process">The low half of the SOF marker: 0 baseline, 1 extended, 2 progressive, 3 lossless.</param>
internal sealed record JpegFrame(int Process, int Precision, int Rows, int Columns, IReadOnlyList<JpegComponent> Components)
{
    private const int MaxComponents = 4;

    /// <summary>Whether every component has as many samples as the image has pixels.</summary>
    public bool IsWholeSize => Components.Count == 1 || Components.All(component => component is { Horizontal: 1, Vertical: 1 });

    /// <summary>The first frame header of a codestream.</summary>
    /// <exception cref="CodecException">There is none, or it is damaged.</exception>
    public static JpegFrame Find(ReadOnlySpan<byte> codestream)
    {
        var markers = new JpegMarkers(codestream);
        while (markers.Next() is var marker and not JpegMarkers.StartOfScan)
        {
            if (IsFrame(marker))
                return Read(marker, markers.Segment);
        }

        throw new CodecException("The JPEG codestream has no frame header.");
    }

    /// <summary>Whether a marker begins a frame: all of C0 to CF but DHT, JPG and DAC.</summary>
    public static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC;

    public static JpegFrame Read(byte marker, ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment[5] is 0 or > MaxComponents || segment.Length != 6 + (3 * segment[5]))
            throw new CodecException("The JPEG frame header is damaged.");

        var components = new JpegComponent[segment[5]];
        for (var i = 0; i < components.Length; i++)
        {
            var at = segment[(6 + (3 * i))..];
            components[i] = new JpegComponent(at[0], at[1] >> 4, at[1] & 15, at[2]);
            if (components[i] is { Horizontal: 0 or > 4 } or { Vertical: 0 or > 4 } or { QuantizationTable: > 3 })
                throw new CodecException("The JPEG frame header is damaged.");
        }

        var (rows, columns) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        return rows > 0 && columns > 0
            ? new JpegFrame(marker & 15, segment[0], rows, columns, components)
            : throw new CodecException("The JPEG frame header has no size.");
    }
}
