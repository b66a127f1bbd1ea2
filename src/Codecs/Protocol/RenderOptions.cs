namespace SecureStore.Codecs.Protocol;

/// <summary>What an image is encoded in.</summary>
public enum ImageFormat : byte
{
    Jpeg = 0,
    Png = 1,
}

/// <summary>A part of an image that is to be shown (PS3.18 8.3.5.1.3).</summary>
/// <param name="X">First column, from 0.</param>
/// <param name="Y">First row, from 0.</param>
/// <param name="Width">Columns; of a negative number, as many, from right to left; 0: all that follow.</param>
/// <param name="Height">Rows; of a negative number, as many, from bottom to top; 0: all that follow.</param>
public readonly record struct SourceRegion(int X, int Y, int Width, int Height)
{
    /// <summary>Whether it lies within an image.</summary>
    public bool IsWithin(int columns, int rows) =>
        X >= 0 && Y >= 0 && X < columns && Y < rows && Math.Abs((long)Width) <= columns - X && Math.Abs((long)Height) <= rows - Y;
}

/// <summary>What a caller asks for.</summary>
public sealed record RenderOptions
{
    public ImageFormat Format { get; init; }

    /// <summary>Of JPEG: 1 (smallest) to 100 (best).</summary>
    public byte Quality { get; init; } = 90;

    /// <summary>Pixels that the image has to fit in; (0, 0): as large as it is.</summary>
    public (ushort Width, ushort Height) Viewport { get; init; }

    public SourceRegion Region { get; init; }

    /// <summary>Goes before what the data set says.</summary>
    public Window? Window { get; init; }

    /// <summary>Most pixels, of the frame and of the image: 1 or more.</summary>
    public required uint MaxPixels { get; init; }
}
