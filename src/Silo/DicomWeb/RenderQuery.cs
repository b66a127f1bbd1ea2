using System.Globalization;
using SecureStore.Codecs.Protocol;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>How a caller wants images to be rendered: the query parameters of PS3.18 8.3.5, and those of WADO-URI (PS3.18 9.1.2.2).</summary>
internal sealed record RenderQuery
{
    private const ushort Unbounded = ushort.MaxValue;

    /// <summary>Names of those that are served, for the capabilities.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Parameters { get; } =
        [("accept", null), ("window", null), ("viewport", null), ("quality", null), ("iccprofile", "no")];

    /// <summary>Names of those that are served by WADO-URI, for the capabilities.</summary>
    public static IReadOnlyList<(string Name, string? Value)> UriParameters { get; } =
    [
        ("frameNumber", null), ("rows", null), ("columns", null), ("region", null), ("windowCenter", null), ("windowWidth", null), ("imageQuality", null),
    ];

    /// <summary>WADO-URI: the frame, from 1, or null.</summary>
    public int? Frame { get; private init; }

    private RenderOptions Options { get; init; } = new() { MaxPixels = 1 };

    /// <summary>WADO-URI: left, top, right and bottom of the region, as parts of the image.</summary>
    private (double Left, double Top, double Right, double Bottom)? Part { get; init; }

    /// <summary>Reads the parameters of a rendered resource.</summary>
    /// <param name="query">The query.</param>
    /// <param name="thumbnail">The size of a thumbnail, or (0, 0): thumbnails are of the whole image.</param>
    /// <param name="maxPixels">Most pixels of a viewport.</param>
    /// <returns>Why they are refused, or null.</returns>
    public static string? Read(IQueryCollection query, (ushort Width, ushort Height) thumbnail, uint maxPixels, out RenderQuery read)
    {
        read = new RenderQuery();
        if (query.ContainsKey("annotation"))
        {
            return "Nothing is written into images: annotation is not served.";
        }

        var options = new RenderOptions { MaxPixels = maxPixels, Viewport = thumbnail };
        if (query.ContainsKey("iccprofile") && query["iccprofile"] != "no")
        {
            return "Images carry no ICC profile: iccprofile may be no.";
        }

        if (Value(query, "window", out var window) && !TryWindow(window, ref options))
        {
            return "window is to be center,width and one of linear, linear-exact, sigmoid.";
        }

        if (Value(query, "viewport", out var viewport)
            && (!TryViewport(viewport, ref options) || (thumbnail.Width > 0 && options.Region != default) || !Fits(options)))
        {
            return "viewport is to be a width and a height within the limits of this archive, and but for thumbnails may name a region.";
        }

        if (Value(query, "quality", out var quality) && !TryQuality(quality, ref options))
        {
            return "quality is to be a number from 1 to 100.";
        }

        read = new RenderQuery { Options = options };
        return null;
    }

    /// <summary>Reads the parameters of WADO-URI.</summary>
    /// <returns>Why they are refused, or null.</returns>
    public static string? ReadUri(IQueryCollection query, uint maxPixels, out RenderQuery read)
    {
        read = new RenderQuery();
        var options = new RenderOptions { MaxPixels = maxPixels };
        int? frame = null;
        if (Value(query, "frameNumber", out var number))
        {
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) || parsed < 1)
            {
                return "frameNumber is to be a number from 1.";
            }

            frame = parsed;
        }

        var (hasRows, hasColumns) = (Value(query, "rows", out var rows), Value(query, "columns", out var columns));
        if (hasRows || hasColumns)
        {
            if (!TryViewport($"{(hasColumns ? columns : Unbounded.ToString(CultureInfo.InvariantCulture))},{(hasRows ? rows : Unbounded.ToString(CultureInfo.InvariantCulture))}", ref options)
                || (hasRows && hasColumns && !Fits(options)))
            {
                return "rows and columns are to be numbers from 1 within the limits of this archive.";
            }
        }

        var (hasCenter, hasWidth) = (Value(query, "windowCenter", out var center), Value(query, "windowWidth", out var width));
        if ((hasCenter || hasWidth) && !(hasCenter && hasWidth && TryWindow($"{center},{width}", ref options)))
        {
            return "windowCenter and windowWidth are to be two numbers.";
        }

        if (Value(query, "imageQuality", out var quality) && !TryQuality(quality, ref options))
        {
            return "imageQuality is to be a number from 1 to 100.";
        }

        (double, double, double, double)? part = null;
        if (Value(query, "region", out var region) && (part = PartOf(region)) is null)
        {
            return "region is to be left,top,right,bottom from 0 to 1.";
        }

        read = new RenderQuery { Options = options, Frame = frame, Part = part };
        return null;
    }

    /// <summary>What is asked for of a frame; null where the region is not within it.</summary>
    public RenderOptions? For(FrameDescription frame)
    {
        var region = Options.Region;
        if (Part is var (left, top, right, bottom))
        {
            var (x, y) = ((int)(left * frame.Columns), (int)(top * frame.Rows));
            region = new SourceRegion(
                Math.Min(x, frame.Columns - 1), Math.Min(y, frame.Rows - 1),
                Math.Max(1, (int)Math.Round(right * frame.Columns) - x), Math.Max(1, (int)Math.Round(bottom * frame.Rows) - y));
        }

        return region.IsWithin(frame.Columns, frame.Rows) ? Options with { Region = region } : null;
    }

    /// <summary>The same in this format.</summary>
    public RenderQuery In(ImageFormat format) => this with { Options = Options with { Format = format } };

    /// <summary>One value; a parameter that is given twice has a value that nothing can be.</summary>
    private static bool Value(IQueryCollection query, string name, out string value)
    {
        value = query.TryGetValue(name, out var values) && values is [{ } only] ? only : "";
        return query.ContainsKey(name);
    }

    private static bool TryWindow(string text, ref RenderOptions options)
    {
        var pieces = text.Split(',', 4);
        WindowFunction? function = pieces switch
        {
            [_, _] or [_, _, "linear"] => WindowFunction.Linear,
            [_, _, "linear-exact"] => WindowFunction.LinearExact,
            [_, _, "sigmoid"] => WindowFunction.Sigmoid,
            _ => null,
        };
        if (function is null || !TryNumber(pieces[0], out var center) || !TryNumber(pieces[1], out var width))
        {
            return false;
        }

        var window = new Window(center, width, function.Value);
        options = options with { Window = window };
        return window.IsPossible;
    }

    /// <summary>vw,vh[,sx,sy,sw,sh]; of the last four any may be left out.</summary>
    private static bool TryViewport(string text, ref RenderOptions options)
    {
        var pieces = text.Split(',', 7);
        if (pieces.Length is < 2 or > 6 || !TrySize(pieces[0], out var width) || !TrySize(pieces[1], out var height))
        {
            return false;
        }

        Span<int> region = stackalloc int[4];
        for (var i = 2; i < pieces.Length; i++)
        {
            if (pieces[i].Length > 0)
            {
                if (!TryNumber(pieces[i], out var number) || Math.Abs(number) > Unbounded || (i < 4 && number < 0) || (i >= 4 && Math.Round(number) == 0))
                {
                    return false;
                }

                region[i - 2] = (int)Math.Round(number);
            }
        }

        options = options with { Viewport = (width, height), Region = new SourceRegion(region[0], region[1], region[2], region[3]) };
        return true;
    }

    private static bool TryQuality(string text, ref RenderOptions options)
    {
        if (!byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quality) || quality is < 1 or > 100)
        {
            return false;
        }

        options = options with { Quality = quality };
        return true;
    }

    private static (double, double, double, double)? PartOf(string text)
    {
        var pieces = text.Split(',', 5);
        Span<double> edges = stackalloc double[4];
        if (pieces.Length != edges.Length)
        {
            return null;
        }

        for (var i = 0; i < edges.Length; i++)
        {
            if (!TryNumber(pieces[i], out edges[i]) || edges[i] is < 0 or > 1)
            {
                return null;
            }
        }

        return edges[0] < edges[2] && edges[1] < edges[3] ? (edges[0], edges[1], edges[2], edges[3]) : null;
    }

    private static bool Fits(RenderOptions options) => (long)options.Viewport.Width * options.Viewport.Height <= options.MaxPixels;

    private static bool TrySize(string text, out ushort size) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size > 0;

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number);
}
