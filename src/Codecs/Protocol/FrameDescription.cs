using System.Text;

namespace SecureStore.Codecs.Protocol;

/// <summary>What the data set says of a frame's pixels (PS3.3 C.7.6.3), or what they have become. On the wire: docs/codecs.md.</summary>
public sealed record FrameDescription
{
    /// <summary>Longest Photometric Interpretation (CS: 16).</summary>
    private const int MaxPhotometric = 16;

    public required ushort Rows { get; init; }

    public required ushort Columns { get; init; }

    public required ushort SamplesPerPixel { get; init; }

    /// <summary>8, 16 or 32; each sample takes as many bits.</summary>
    public required ushort BitsAllocated { get; init; }

    public required ushort BitsStored { get; init; }

    /// <summary>Pixel Representation (0028,0103) is 1: samples are in two's complement.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Planar Configuration (0028,0006): 0 by pixel, 1 by plane.</summary>
    public ushort PlanarConfiguration { get; init; }

    public required string PhotometricInterpretation { get; init; }

    /// <summary>Most bytes that a description takes on the wire.</summary>
    public const int MaxEncodedLength = 15 + MaxPhotometric;

    /// <summary>Bytes of the frame when it is native, each sample whole; 0 or less than 0 never.</summary>
    public long NativeLength => (long)Rows * Columns * SamplesPerPixel * (BitsAllocated / 8);

    internal int EncodedLength => 15 + PhotometricInterpretation.Length;

    /// <summary>True where a frame can be so at all: something to see, and whole bytes.</summary>
    public bool IsPossible =>
        Rows > 0 && Columns > 0 && SamplesPerPixel is >= 1 and <= 4 && BitsAllocated is 8 or 16 or 32 && BitsStored is > 0 && BitsStored <= BitsAllocated
        && PlanarConfiguration <= 1 && PhotometricInterpretation.Length is > 0 and <= MaxPhotometric && Ascii.IsValid(PhotometricInterpretation);

    public void Write(ref WireWriter writer)
    {
        writer.Write(Rows);
        writer.Write(Columns);
        writer.Write(SamplesPerPixel);
        writer.Write(BitsAllocated);
        writer.Write(BitsStored);
        writer.Write((ushort)(IsSigned ? 1 : 0));
        writer.Write(PlanarConfiguration);
        writer.Write(PhotometricInterpretation);
    }

    public static FrameDescription Read(ref WireReader reader)
    {
        var description = new FrameDescription
        {
            Rows = reader.ReadUInt16(),
            Columns = reader.ReadUInt16(),
            SamplesPerPixel = reader.ReadUInt16(),
            BitsAllocated = reader.ReadUInt16(),
            BitsStored = reader.ReadUInt16(),
            IsSigned = reader.ReadUInt16() == 1,
            PlanarConfiguration = reader.ReadUInt16(),
            PhotometricInterpretation = reader.ReadText(),
        };
        return description.IsPossible ? description : throw new CodecException("The frame's description makes no sense.");
    }
}
