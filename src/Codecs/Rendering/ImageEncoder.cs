using SecureStore.Codecs.Protocol;
using SkiaSharp;

namespace SecureStore.Codecs.Rendering;

/// <summary>Scales and encodes by Skia.</summary>
internal static class ImageEncoder
{
    private const SKPngEncoderFilterFlags Filters = SKPngEncoderFilterFlags.Sub;
    private const int Compression = 4;

    /// <summary>Finds the library and what is needed of it, for later no file can be opened.</summary>
    public static void Load()
    {
        var placement = new ImagePlacement(0, 0, 2, 2, false, false, 1, 1);
        foreach (var isGrey in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var format in (ReadOnlySpan<ImageFormat>)[ImageFormat.Jpeg, ImageFormat.Png])
                _ = Encode(new byte[4 * ColourRendering.PixelSize], placement, isGrey, new RenderOptions { Format = format, MaxPixels = 1 });
        }
    }

    /// <param name="image">A grey byte a pixel, or <see cref="ColourRendering.PixelSize"/>.</param>
    public static unsafe byte[] Encode(byte[] image, ImagePlacement placement, bool isGrey, RenderOptions options)
    {
        var kind = isGrey ? SKColorType.Gray8 : SKColorType.Rgb888x;
        var info = new SKImageInfo(placement.Width, placement.Height, kind, SKAlphaType.Opaque);
        fixed (byte* pixels = image)
        {
            using var source = new SKPixmap(info, (nint)pixels);
            if (!placement.IsScaled)
                return Encode(source, options);

            using var scaled = new SKBitmap(info.WithSize(placement.OutputWidth, placement.OutputHeight));
            using var target = scaled.PeekPixels();
            var isSmaller = placement.OutputWidth < placement.Width || placement.OutputHeight < placement.Height;
            var sampling = isSmaller ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear) : new SKSamplingOptions(SKFilterMode.Linear);
            return source.ScalePixels(target, sampling) ? Encode(target, options) : throw new CodecException("The image cannot be scaled.");
        }
    }

    private static byte[] Encode(SKPixmap image, RenderOptions options)
    {
        using var data = options.Format == ImageFormat.Png
            ? image.Encode(new SKPngEncoderOptions(Filters, Compression))
            : image.Encode(new SKJpegEncoderOptions(options.Quality));
        return data?.ToArray() ?? throw new CodecException("The image cannot be encoded.");
    }
}
