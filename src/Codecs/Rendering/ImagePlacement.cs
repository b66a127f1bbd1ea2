using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rendering;

/// <summary>Which part of a frame is shown, and how large (PS3.18 8.3.5.1.3). Pixels of the image are square.</summary>
internal readonly record struct ImagePlacement(int X, int Y, int Width, int Height, bool IsMirrored, bool IsUpsideDown, int OutputWidth, int OutputHeight)
{
    /// <summary>Whether the frame is shown as it is.</summary>
    public bool IsWhole(int columns, int rows) => (Width, Height) == (columns, rows) && !IsMirrored && !IsUpsideDown;

    public bool IsScaled => (OutputWidth, OutputHeight) != (Width, Height);

    /// <exception cref="CodecException">The region is not within the frame, or the image would be too large.</exception>
    public static ImagePlacement Of(int columns, int rows, double pixelAspect, RenderOptions options)
    {
        var region = options.Region;
        if (!region.IsWithin(columns, rows))
            throw new CodecException("The region is not within the frame.");

        var width = region.Width == 0 ? columns - region.X : Math.Abs(region.Width);
        var height = region.Height == 0 ? rows - region.Y : Math.Abs(region.Height);

        // Pixels that are further from being square are taken for square: their description is damaged.
        var aspect = pixelAspect is >= 1.0 / RenderHeader.MaxAspect and <= RenderHeader.MaxAspect ? pixelAspect : 1;
        (double shownWidth, double shownHeight) = aspect < 1 ? (width / aspect, (double)height) : ((double)width, height * aspect);
        if (options.Viewport is not (0, 0) and var (viewWidth, viewHeight))
        {
            var scale = Math.Min(viewWidth / shownWidth, viewHeight / shownHeight);
            (shownWidth, shownHeight) = (Math.Min(viewWidth, shownWidth * scale), Math.Min(viewHeight, shownHeight * scale));
        }

        var (outputWidth, outputHeight) = (Math.Max(1, Math.Round(shownWidth)), Math.Max(1, Math.Round(shownHeight)));
        if (outputWidth * outputHeight > options.MaxPixels)
            throw new CodecException("The image would be larger than what is rendered here.");

        return new ImagePlacement(
            region.X, region.Y, width, height, region.Width < 0, region.Height < 0, (int)outputWidth, (int)outputHeight);
    }

    /// <summary>The part that is shown, turned as it is asked for.</summary>
    public byte[] Cut(ReadOnlySpan<byte> image, int columns, int pixelSize)
    {
        var part = new byte[(long)Width * Height * pixelSize];
        for (var row = 0; row < Height; row++)
        {
            var from = image.Slice((((IsUpsideDown ? Y + Height - 1 - row : Y + row) * columns) + X) * pixelSize, Width * pixelSize);
            var to = part.AsSpan(row * Width * pixelSize, Width * pixelSize);
            if (!IsMirrored)
            {
                from.CopyTo(to);
                continue;
            }

            for (var column = 0; column < Width; column++)
                from.Slice((Width - 1 - column) * pixelSize, pixelSize).CopyTo(to[(column * pixelSize)..]);
        }

        return part;
    }
}
