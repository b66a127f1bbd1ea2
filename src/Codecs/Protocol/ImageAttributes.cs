namespace SecureStore.Codecs.Protocol;

/// <summary>What a data set says of how a frame is to be shown (PS3.3 C.7.6.3, C.11.1, C.11.2, C.11.6).</summary>
public sealed record ImageAttributes
{
    /// <summary>The pixels as they are stored. Of bits packed into bytes: Bits Allocated 8 and Bits Stored 1.</summary>
    public required FrameDescription Frame { get; init; }

    /// <summary>Most significant bit of a sample (0028,0102).</summary>
    public required ushort HighBit { get; init; }

    /// <summary>Bits Allocated is 1: eight pixels in a byte, the first in its least significant bit (PS3.5 8.1.1).</summary>
    public bool IsBitPacked { get; init; }

    /// <summary>Rescale Slope (0028,1053).</summary>
    public double Slope { get; init; } = 1;

    /// <summary>Rescale Intercept (0028,1052).</summary>
    public double Intercept { get; init; }

    /// <summary>Of Modality LUT Sequence (0028,3000); goes before slope and intercept.</summary>
    public LookupTable? ModalityTable { get; init; }

    /// <summary>Of VOI LUT Sequence (0028,3010), its first item; goes before <see cref="Window"/>.</summary>
    public LookupTable? VoiTable { get; init; }

    /// <summary>Window Center (0028,1050) and Width (0028,1051), the first of each.</summary>
    public Window? Window { get; init; }

    /// <summary>Presentation LUT Shape (2050,0020) is INVERSE.</summary>
    public bool IsInverse { get; init; }

    /// <summary>Pixel Padding Value (0028,0120) to Pixel Padding Range Limit (0028,0121), in any order: samples that are no image.</summary>
    public (int Value, int Limit)? Padding { get; init; }

    /// <summary>Height of a pixel by its width (0028,0034) or (0028,0030), more than 0.</summary>
    public double PixelAspect { get; init; } = 1;

    /// <summary>Red, green and blue of PALETTE COLOR: three tables, or none.</summary>
    public IReadOnlyList<LookupTable> Palette { get; init; } = [];
}
