using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rendering;

/// <summary>Makes an image of a native frame (PS3.4 N.2, PS3.18 8.3.5).</summary>
internal static class FrameRenderer
{
    /// <summary>Renders, cuts, scales and encodes.</summary>
    /// <param name="native">The frame in little endian; bytes behind its end are padding.</param>
    /// <returns>A JPEG or PNG file.</returns>
    /// <exception cref="CodecException">The frame is shorter than its description, or cannot be shown so.</exception>
    public static byte[] Render(ReadOnlySpan<byte> native, ImageAttributes attributes, RenderOptions options)
    {
        var frame = attributes.Frame;
        var pixels = (long)frame.Rows * frame.Columns;
        if (pixels == 0 || pixels > options.MaxPixels)
            throw new CodecException("The frame is larger than what is rendered here.");

        if (frame.BitsStored is 0 or > 32 || attributes.HighBit + 1 < frame.BitsStored || attributes.HighBit >= frame.BitsAllocated || frame.BitsAllocated is not (8 or 16 or 32))
            throw new CodecException("The frame's description makes no sense.");

        var placement = ImagePlacement.Of(frame.Columns, frame.Rows, attributes.PixelAspect, options);
        var isGrey = frame is { SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME1" or "MONOCHROME2" };
        if (!attributes.IsBitPacked)
            return Render(native, attributes, options, placement, isGrey);

        var unpacked = Unpack(native, pixels);
        try
        {
            return Render(unpacked, attributes, options, placement, isGrey);
        }
        finally
        {
            unpacked.AsSpan().Clear();
        }
    }

    /// <summary>Nothing of a patient's image waits for the next one's: what it took is cleared.</summary>
    private static byte[] Render(ReadOnlySpan<byte> native, ImageAttributes attributes, RenderOptions options, ImagePlacement placement, bool isGrey)
    {
        var frame = attributes.Frame;
        var pixels = (long)frame.Rows * frame.Columns;
        var pixelSize = isGrey ? 1 : ColourRendering.PixelSize;
        var colour = isGrey ? null : new ColourRendering(attributes);
        if (native.Length < (colour?.NativeLength(pixels) ?? pixels * frame.BitsAllocated / 8))
            throw new CodecException("The frame is shorter than its description says.");

        var image = new byte[pixels * pixelSize];
        var part = image;
        try
        {
            if (colour is null)
                new GreyRendering(attributes, options.Window).Render(native, image);
            else
                colour.Render(native, image);

            if (!placement.IsWhole(frame.Columns, frame.Rows))
                part = placement.Cut(image, frame.Columns, pixelSize);

            return ImageEncoder.Encode(part, placement, isGrey, options);
        }
        finally
        {
            image.AsSpan().Clear();
            part.AsSpan().Clear();
        }
    }

    private static byte[] Unpack(ReadOnlySpan<byte> packed, long pixels)
    {
        if (packed.Length < (pixels + 7) / 8)
            throw new CodecException("The frame is shorter than its description says.");

        var bytes = new byte[pixels];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)((packed[i >> 3] >> (i & 7)) & 1);

        return bytes;
    }
}
