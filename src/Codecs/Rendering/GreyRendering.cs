using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rendering;

/// <summary>
/// MONOCHROME1 and MONOCHROME2 to grey of 8 bits (PS3.4 N.2.1): the modality transform, the values of interest, the presentation. Where
/// nothing says which values are of interest, all that samples of up to 8 bits can have are, or else those from the frame's least to its greatest.
/// </summary>
internal sealed class GreyRendering
{
    private const int TableBits = 16;

    private readonly ImageAttributes attributes;
    private readonly StoredSamples samples;
    private readonly uint sign;
    private readonly ushort[]? modality;
    private readonly ushort[]? voi;
    private readonly Window? window;
    private readonly bool isInverse;
    private double least;
    private double greatest;

    /// <exception cref="CodecException">The data set makes no sense.</exception>
    public GreyRendering(ImageAttributes attributes, Window? window)
    {
        this.attributes = attributes;
        var frame = attributes.Frame;
        samples = new StoredSamples(attributes);
        sign = frame.IsSigned ? 1u << (frame.BitsStored - 1) : 0;
        modality = attributes.ModalityTable is { } transform ? TableEntries.Of(transform) : null;
        if (window is { IsPossible: true })
            this.window = window;
        else if (attributes.VoiTable is { } table)
            voi = TableEntries.Of(table);
        else if (attributes.Window is { IsPossible: true })
            this.window = attributes.Window;

        isInverse = attributes.IsInverse || frame.PhotometricInterpretation == "MONOCHROME1";
    }

    /// <param name="native">The frame, one sample a pixel.</param>
    /// <param name="grey">A byte a pixel.</param>
    public void Render(ReadOnlySpan<byte> native, Span<byte> grey)
    {
        FindRange(native, grey.Length);
        if (attributes.Frame.BitsStored > TableBits)
        {
            for (var i = 0; i < grey.Length; i++)
                grey[i] = Grey(Stored(samples.At(native, i)));

            return;
        }

        var table = new byte[samples.Mask + 1];
        for (var value = 0u; value <= samples.Mask; value++)
            table[value] = Grey(Stored(value));

        for (var i = 0; i < grey.Length; i++)
            grey[i] = table[samples.At(native, i)];
    }

    private long Stored(uint raw) => (raw & sign) == 0 ? raw : raw - (long)samples.Mask - 1;

    private bool IsPadding(long stored) =>
        attributes.Padding is var (value, limit) && stored >= Math.Min(value, limit) && stored <= Math.Max(value, limit);

    private void FindRange(ReadOnlySpan<byte> native, int pixels)
    {
        if (window is not null || voi is not null)
            return;

        if (attributes.Frame.BitsStored <= 8)
        {
            var (first, last) = sign == 0 ? (0L, (long)samples.Mask) : (-(long)sign, sign - 1L);
            (least, greatest) = (Modality(first), Modality(last));
            if (least > greatest)
                (least, greatest) = (greatest, least);

            return;
        }

        (least, greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < pixels; i++)
        {
            var stored = Stored(samples.At(native, i));
            if (IsPadding(stored))
                continue;

            var value = Modality(stored);
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }
    }

    private double Modality(long stored) => modality is null
        ? (stored * attributes.Slope) + attributes.Intercept
        : modality[(int)Math.Clamp(stored - attributes.ModalityTable!.First, 0, modality.Length - 1)];

    private byte Grey(long stored)
    {
        if (IsPadding(stored))
            return 0;

        var value = Modality(stored);
        var grey = window is { } chosen ? Windowed(chosen, value)
            : voi is not null ? Interest(value)
            : greatest > least ? (value - least) / (greatest - least)
            : 0;

        // A number that is none becomes black.
        var shown = (byte)Math.Floor((Math.Clamp(grey, 0, 1) * byte.MaxValue) + 0.5);
        return isInverse ? (byte)(byte.MaxValue - shown) : shown;
    }

    /// <summary>The grey of a value in a window (PS3.3 C.11.2.1.2, C.11.2.1.3).</summary>
    private static double Windowed(Window window, double value) => window.Function switch
    {
        WindowFunction.Sigmoid => 1 / (1 + Math.Exp(-4 * (value - window.Center) / window.Width)),
        WindowFunction.LinearExact => Step(value, window.Center, window.Width),
        _ => Step(value, window.Center - 0.5, window.Width - 1),
    };

    private static double Step(double value, double middle, double width) =>
        value <= middle - (width / 2) ? 0 : value > middle + (width / 2) ? 1 : ((value - middle) / width) + 0.5;

    private double Interest(double value)
    {
        var at = Math.Clamp(Math.Floor(value) - attributes.VoiTable!.First, 0, voi!.Length - 1);
        return voi[(int)at] / (double)((1 << attributes.VoiTable.Bits) - 1);
    }
}
