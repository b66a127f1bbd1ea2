using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rendering;

/// <summary>RGB, YBR_FULL, YBR_FULL_422 and PALETTE COLOR (PS3.3 C.7.6.3.1.2) to red, green and blue of 8 bits.</summary>
internal sealed class ColourRendering(ImageAttributes attributes)
{
    /// <summary>Bytes of a pixel: red, green, blue, and one without meaning.</summary>
    public const int PixelSize = 4;

    private readonly int bytes = attributes.Frame.BitsAllocated / 8;
    private readonly StoredSamples samples = new(attributes);
    private readonly int stored = attributes.Frame.BitsStored;

    /// <summary>Bytes that a frame of so many pixels has.</summary>
    /// <exception cref="CodecException">Such pixels are not shown.</exception>
    public long NativeLength(long pixels) => (attributes.Frame.PhotometricInterpretation, attributes.Frame.SamplesPerPixel) switch
    {
        ("RGB" or "YBR_FULL", 3) => 3 * pixels * bytes,
        ("YBR_FULL_422", 3) when bytes == 1 => (pixels + 1) / 2 * 4,
        ("PALETTE COLOR", 1) when attributes.Palette.Count == 3 => pixels * bytes,
        _ => throw new CodecException("Pixels of this photometric interpretation are not rendered."),
    };

    /// <param name="native">The frame.</param>
    /// <param name="rgbx"><see cref="PixelSize"/> bytes a pixel.</param>
    public void Render(ReadOnlySpan<byte> native, Span<byte> rgbx)
    {
        switch (attributes.Frame.PhotometricInterpretation)
        {
            case "PALETTE COLOR":
                RenderPalette(native, rgbx);
                break;
            case "YBR_FULL_422":
                RenderPairs(native, rgbx);
                break;
            default:
                RenderSamples(native, rgbx);
                break;
        }
    }

    private void RenderSamples(ReadOnlySpan<byte> native, Span<byte> rgbx)
    {
        var pixels = rgbx.Length / PixelSize;
        var (pixelStep, sampleStep) = attributes.Frame.PlanarConfiguration == 0 ? (3, 1) : (1, pixels);
        var isYbr = attributes.Frame.PhotometricInterpretation == "YBR_FULL";
        for (var i = 0; i < pixels; i++)
        {
            var at = i * pixelStep;
            var (first, second, third) = (Sample(native, at), Sample(native, at + sampleStep), Sample(native, at + (2 * sampleStep)));
            var pixel = rgbx.Slice(i * PixelSize, PixelSize);
            if (isYbr)
                WriteYbr(pixel, first, second, third);
            else
                Write(pixel, first, second, third);
        }
    }

    /// <summary>Two pixels share their chrominance: Y1, Y2, Cb, Cr (PS3.3 C.7.6.3.1.2).</summary>
    private static void RenderPairs(ReadOnlySpan<byte> native, Span<byte> rgbx)
    {
        for (var i = 0; i < rgbx.Length / PixelSize; i++)
        {
            var pair = native.Slice(i / 2 * 4, 4);
            WriteYbr(rgbx.Slice(i * PixelSize, PixelSize), pair[i % 2], pair[2], pair[3]);
        }
    }

    private void RenderPalette(ReadOnlySpan<byte> native, Span<byte> rgbx)
    {
        var tables = attributes.Palette.Select(TableEntries.Of).ToArray();

        // Some say 16 bits and mean 8: no entry is greater, and the image would be black.
        var drop = attributes.Palette[0].Bits > 8 && tables.Any(table => table.AsSpan().ContainsAnyExceptInRange((ushort)0, (ushort)byte.MaxValue))
            ? attributes.Palette[0].Bits - 8
            : 0;
        for (var i = 0; i < rgbx.Length / PixelSize; i++)
        {
            var value = samples.At(native, i);
            var pixel = rgbx.Slice(i * PixelSize, PixelSize);
            pixel[3] = byte.MaxValue;
            for (var channel = 0; channel < 3; channel++)
            {
                var table = tables[channel];
                pixel[channel] = (byte)(table[(int)Math.Clamp(value - (long)attributes.Palette[channel].First, 0, table.Length - 1)] >> drop);
            }
        }
    }

    /// <summary>A sample in 8 bits.</summary>
    private byte Sample(ReadOnlySpan<byte> native, int index)
    {
        var value = samples.At(native, index);
        return stored >= 8 ? (byte)(value >> (stored - 8)) : (byte)(value * byte.MaxValue / samples.Mask);
    }

    private static void WriteYbr(Span<byte> pixel, byte y, byte blue, byte red)
    {
        var (cb, cr) = (blue - 128, red - 128);
        Write(pixel, Round(y + (1.402 * cr)), Round(y - (0.344136 * cb) - (0.714136 * cr)), Round(y + (1.772 * cb)));
    }

    private static byte Round(double value) => (byte)Math.Floor(Math.Clamp(value, 0, byte.MaxValue) + 0.5);

    private static void Write(Span<byte> pixel, byte red, byte green, byte blue) =>
        (pixel[0], pixel[1], pixel[2], pixel[3]) = (red, green, blue, byte.MaxValue);
}
