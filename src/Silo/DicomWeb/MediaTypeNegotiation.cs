using Microsoft.Extensions.Primitives;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Chooses the form of a response from what the caller accepts (RFC 9110 12.5.1, PS3.18 8.3.3 and 8.7). Where no transfer
/// syntax is named the stored one is served, unless the reading is strict (docs/dicomweb.md).
/// </summary>
internal static class MediaTypeNegotiation
{
    private const string ImplicitLittleEndian = "1.2.840.10008.1.2";
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    private static readonly MediaRange Anything = new("*/*");

    /// <summary>The ranges of the accept query parameter, else those of the Accept header, else everything.</summary>
    public static IReadOnlyList<MediaRange> Accepted(HttpRequest request)
    {
        var query = request.Query["accept"];
        var values = StringValues.IsNullOrEmpty(query) ? request.Headers.Accept : query;
        return StringValues.IsNullOrEmpty(values) ? [Anything] : [.. values.SelectMany(value => MediaRange.ParseList(value ?? ""))];
    }

    /// <summary>
    /// The offer that the caller likes best: by quality, then by how exactly it was named, then by the caller's order, then by
    /// ours; null where none is acceptable (406).
    /// </summary>
    public static Representation? Select(IReadOnlyList<MediaRange> accepted, IEnumerable<Representation> offers, bool strict = false)
    {
        var (best, chosen) = (default(MatchRank), default(Representation));
        foreach (var offer in offers)
        {
            var rank = Rank(accepted, offer, strict);
            if (rank.Quality > 0 && rank.CompareTo(best) > 0)
            {
                (best, chosen) = (rank, offer);
            }
        }

        return chosen;
    }

    /// <summary>Of the ranges that match the offer, the most exact one decides, even where it forbids (q=0).</summary>
    private static MatchRank Rank(IReadOnlyList<MediaRange> accepted, Representation offer, bool strict)
    {
        var rank = default(MatchRank);
        for (var i = 0; i < accepted.Count; i++)
        {
            var exactness = Exactness(accepted[i], offer, strict);
            if (exactness > rank.Exactness)
            {
                rank = new MatchRank(accepted[i].Quality, exactness, -i);
            }
        }

        return rank;
    }

    /// <summary>0 where the range does not match, else the more the more exactly it names the offer.</summary>
    private static int Exactness(MediaRange range, Representation offer, bool strict)
    {
        if (!MatchesTransferSyntax(range, offer, strict))
        {
            return 0;
        }

        var syntax = range.TransferSyntax is null or "*" ? 0 : 1;
        if (range.Type == "*/*")
        {
            return 1 + syntax;
        }

        if (offer.IsMultipart && range.Type is not ("multipart/related" or "multipart/*"))
        {
            return 0;
        }

        var type = !offer.IsMultipart ? TypeExactness(range.Type, offer.MediaType)
            : range.RelatedType is null ? 1
            : TypeExactness(range.RelatedType, offer.MediaType);
        return type == 0 ? 0 : 1 + (2 * type) + syntax;
    }

    /// <summary>3 for the type itself, 2 for its family, 1 for anything, 0 for another.</summary>
    private static int TypeExactness(string asked, string offered)
    {
        if (asked == "*/*")
        {
            return 1;
        }

        if (FrameMediaTypes.Current(asked) == offered)
        {
            return 3;
        }

        return asked.EndsWith("/*", StringComparison.Ordinal) && offered.StartsWith(asked.AsSpan(0, asked.Length - 1), StringComparison.Ordinal) ? 2 : 0;
    }

    private static bool MatchesTransferSyntax(MediaRange range, Representation offer, bool strict)
    {
        if (offer.TransferSyntax is null || range.TransferSyntax == "*")
        {
            return true;
        }

        if (range.TransferSyntax is null && !strict)
        {
            return true;
        }

        var isAnything = (range.RelatedType ?? range.Type) is "*/*" or "multipart/*" or "multipart/related";
        var asked = range.TransferSyntax ?? (isAnything ? ExplicitLittleEndian : FrameMediaTypes.DefaultFor(offer.MediaType));
        return asked == offer.TransferSyntax
            || (asked == ImplicitLittleEndian && offer is { MediaType: Representation.OctetStream, TransferSyntax: ExplicitLittleEndian });
    }

    private readonly record struct MatchRank(double Quality, int Exactness, int Order) : IComparable<MatchRank>
    {
        public int CompareTo(MatchRank other) => (Quality, Exactness, Order).CompareTo((other.Quality, other.Exactness, other.Order));
    }
}
