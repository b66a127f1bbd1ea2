using System.Buffers.Binary;

namespace SecureStore.Codecs.Jpeg;

/// <summary>Goes through the marker segments of a JPEG codestream (ISO/IEC 10918-1 B.1).</summary>
internal ref struct JpegMarkers
{
    public const byte StartOfImage = 0xD8;
    public const byte EndOfImage = 0xD9;
    public const byte StartOfScan = 0xDA;
    public const byte QuantizationTables = 0xDB;
    public const byte HuffmanTables = 0xC4;
    public const byte RestartInterval = 0xDD;
    public const byte App0 = 0xE0;
    public const byte App14 = 0xEE;

    private readonly ReadOnlySpan<byte> codestream;

    /// <exception cref="CodecException">It does not begin as one.</exception>
    public JpegMarkers(ReadOnlySpan<byte> codestream)
    {
        if (codestream.Length < 2 || codestream[0] != 0xFF || codestream[1] != StartOfImage)
            throw new CodecException("The frame is no JPEG codestream.");

        this.codestream = codestream;
        Position = 2;
    }

    /// <summary>Where the next marker is looked for: behind the last segment, or wherever a scan ended.</summary>
    public int Position { get; set; }

    /// <summary>Where the last marker stands.</summary>
    public int Begin { get; private set; }

    /// <summary>What belongs to the last marker; empty where nothing does.</summary>
    public ReadOnlySpan<byte> Segment { get; private set; }

    /// <summary>Goes to the next marker, over what is between.</summary>
    /// <exception cref="CodecException">There is none.</exception>
    public byte Next()
    {
        while (Position + 1 < codestream.Length)
        {
            if (codestream[Position] != 0xFF || codestream[Position + 1] is 0 or 0xFF)
            {
                Position++;
                continue;
            }

            var marker = codestream[Position + 1];
            Begin = Position;
            Position += 2;
            Segment = IsAlone(marker) ? default : TakeSegment();
            return marker;
        }

        throw new CodecException("The JPEG codestream ends before its image does.");
    }

    private static bool IsAlone(byte marker) => marker is 1 or (>= 0xD0 and <= EndOfImage);

    private ReadOnlySpan<byte> TakeSegment()
    {
        var left = codestream[Position..];
        var length = left.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(left);
        if (length < 2 || length > left.Length)
            throw new CodecException("A JPEG marker segment is cut off.");

        Position += length;
        return left[2..length];
    }
}
