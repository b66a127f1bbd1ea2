using System.Globalization;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// A media type or range with the parameters that PS3.18 8.7 gives a meaning. Types are in lower case; a wildcard is "*".
/// </summary>
internal sealed record MediaRange(string Type)
{
    private const string MultipartRelated = "multipart/related";

    /// <summary>The root type of multipart/related (RFC 2387), in lower case, or null.</summary>
    public string? RelatedType { get; init; }

    /// <summary>A transfer syntax UID, "*", or null.</summary>
    public string? TransferSyntax { get; init; }

    /// <summary>The boundary of a multipart body, or null.</summary>
    public string? Boundary { get; init; }

    /// <summary>0 (never) to 1 (RFC 9110 12.4.2).</summary>
    public double Quality { get; init; } = 1;

    public bool IsMultipartRelated => Type == MultipartRelated;

    /// <summary>Reads one media type, as in Content-Type. Quotes around parameter values are optional whatever they hold.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MediaRange range)
    {
        range = new MediaRange("");
        var isFirst = true;
        while (TryCut(ref text, ';', out var piece))
        {
            piece = piece.Trim();
            if (isFirst)
            {
                if (!IsType(piece))
                {
                    return false;
                }

                range = new MediaRange(Lower(piece));
                isFirst = false;
            }
            else if (piece.IndexOf('=') is var equals and > 0)
            {
                if (!TryAdd(ref range, piece[..equals].Trim(), Unquote(piece[(equals + 1)..].Trim())))
                {
                    return false;
                }
            }
            else if (!piece.IsEmpty)
            {
                return false;
            }
        }

        return !isFirst;
    }

    /// <summary>Reads a list of media ranges, as in Accept. What is malformed is passed over: it asks for nothing.</summary>
    public static IEnumerable<MediaRange> ParseList(string text)
    {
        var ranges = new List<MediaRange>();
        var rest = text.AsSpan();
        while (TryCut(ref rest, ',', out var piece))
        {
            if (TryParse(piece.Trim(), out var range))
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    private static bool TryAdd(ref MediaRange range, ReadOnlySpan<char> name, string value)
    {
        if (name.Equals("type", StringComparison.OrdinalIgnoreCase))
        {
            // Some senders put the parameters of the root type within its quotes.
            if (!TryParse(value, out var related))
            {
                return false;
            }

            range = range with { RelatedType = related.Type, TransferSyntax = range.TransferSyntax ?? related.TransferSyntax };
        }
        else if (name.Equals("transfer-syntax", StringComparison.OrdinalIgnoreCase))
        {
            range = range with { TransferSyntax = value };
        }
        else if (name.Equals("boundary", StringComparison.OrdinalIgnoreCase))
        {
            range = range with { Boundary = value };
        }
        else if (name.Equals("q", StringComparison.OrdinalIgnoreCase))
        {
            if (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality) || !(quality <= 1))
            {
                return false;
            }

            range = range with { Quality = quality };
        }

        return true;
    }

    /// <summary>Takes the text up to the next separator outside quotes.</summary>
    private static bool TryCut(ref ReadOnlySpan<char> rest, char separator, out ReadOnlySpan<char> piece)
    {
        var isQuoted = false;
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (isQuoted && rest[i] == '\\')
            {
                i++;
            }
            else if (!isQuoted && rest[i] == separator)
            {
                piece = rest[..i];
                rest = rest[(i + 1)..];
                return true;
            }
        }

        piece = rest;
        rest = [];
        return !piece.IsEmpty;
    }

    private static string Unquote(ReadOnlySpan<char> value)
    {
        if (value is not ['"', .. var inner, '"'])
        {
            return value.ToString();
        }

        if (!inner.Contains('\\'))
        {
            return inner.ToString();
        }

        var text = new System.Text.StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            text.Append(inner[i] == '\\' && i + 1 < inner.Length ? inner[++i] : inner[i]);
        }

        return text.ToString();
    }

    private static bool IsType(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return slash > 0 && slash < text.Length - 1 && !text.ContainsAnyExcept(TypeCharacters);
    }

    private static readonly System.Buffers.SearchValues<char> TypeCharacters =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-.^_`|~/");

    private static string Lower(ReadOnlySpan<char> text) => text.ToString().ToLowerInvariant();
}
