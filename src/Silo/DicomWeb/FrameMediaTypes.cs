namespace SecureStore.Silo.DicomWeb;

/// <summary>Media types of frames and the transfer syntaxes that each stands for (PS3.18 tables 8.7.3-2, -4 and -5).</summary>
internal static class FrameMediaTypes
{
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";
    private const string EncapsulatedUncompressed = "1.2.840.10008.1.2.1.98";

    private static readonly Dictionary<string, string> ByTransferSyntax = Table(
        ("image/jpeg", ["50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66", "70"]),
        ("image/jls", ["80", "81"]),
        ("image/jp2", ["90", "91"]),
        ("image/jpx", ["92", "93"]),
        ("image/jxl", ["110", "111", "112"]),
        ("image/jphc", ["201", "202", "203"]),
        ("video/mpeg", ["100", "100.1", "101", "101.1"]),
        ("video/mp4", ["102", "102.1", "103", "103.1", "104", "104.1", "105", "105.1", "106", "106.1", "107", "108"]));

    /// <summary>The transfer syntax that a media type stands for where none is named (PS3.18 8.7.3.5).</summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        [Representation.Dicom] = ExplicitLittleEndian,
        [Representation.OctetStream] = ExplicitLittleEndian,
        ["image/jpeg"] = "1.2.840.10008.1.2.4.70",
        ["image/jls"] = "1.2.840.10008.1.2.4.80",
        ["image/jp2"] = "1.2.840.10008.1.2.4.90",
        ["image/jpx"] = "1.2.840.10008.1.2.4.92",
        ["image/jxl"] = "1.2.840.10008.1.2.4.110",
        ["image/jphc"] = "1.2.840.10008.1.2.4.201",
        ["image/dicom-rle"] = "1.2.840.10008.1.2.5",
        ["video/mpeg"] = "1.2.840.10008.1.2.4.100",
        ["video/mp4"] = "1.2.840.10008.1.2.4.102",
    };

    /// <summary>Names of media types that PS3.18 has given up and viewers still send.</summary>
    private static readonly Dictionary<string, string> OldNames = new(StringComparer.Ordinal)
    {
        ["image/dicom+jpeg"] = "image/jpeg",
        ["image/dicom+jpeg-ls"] = "image/jls",
        ["image/x-jls"] = "image/jls",
        ["image/dicom+jp2"] = "image/jp2",
        ["image/dicom+jpx"] = "image/jpx",
        ["image/dicom+rle"] = "image/dicom-rle",
        ["image/x-dicom-rle"] = "image/dicom-rle",
    };

    /// <summary>All that frames and bulk data may be served in, as Content-Type names them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Defaults.Keys.Where(name => name != Representation.Dicom).OrderBy(name => name != Representation.OctetStream).Select(Capability.Multipart),
        .. Defaults.Keys.Where(name => name != Representation.Dicom),
    ];

    /// <summary>The forms in which frames stored so can be served, best first.</summary>
    /// <param name="transferSyntax">The stored transfer syntax UID.</param>
    /// <param name="isNative">Whether the frames are not compressed; they are always served in little endian.</param>
    /// <param name="single">Whether there is one frame, which can do without multipart.</param>
    public static IReadOnlyList<Representation> Offers(string transferSyntax, bool isNative, bool single)
    {
        var isUncompressed = isNative || IsUncompressed(transferSyntax);
        var octets = new Representation(Representation.OctetStream, isUncompressed ? ExplicitLittleEndian : transferSyntax, true);
        var multipart = ByTransferSyntax.TryGetValue(transferSyntax, out var type)
            ? new[] { new Representation(type, transferSyntax, true), octets }
            : [octets];
        return single ? [.. multipart, .. multipart.Select(offer => offer with { IsMultipart = false })] : multipart;
    }

    /// <summary>The forms in which frames that are compressed so can be served once they are decompressed.</summary>
    public static IReadOnlyList<Representation> DecompressedOffers(string transferSyntax, bool single)
    {
        var octets = new Representation(Representation.OctetStream, ExplicitLittleEndian, true);
        return IsUncompressed(transferSyntax) ? [] : single ? [octets, octets with { IsMultipart = false }] : [octets];
    }

    private static bool IsUncompressed(string transferSyntax) => transferSyntax == EncapsulatedUncompressed;

    /// <summary>The transfer syntax that stands for none in a strict reading of PS3.18 8.7.3.</summary>
    public static string DefaultFor(string mediaType) => Defaults.GetValueOrDefault(mediaType, ExplicitLittleEndian);

    /// <summary>A media type under its present name.</summary>
    public static string Current(string mediaType) => OldNames.GetValueOrDefault(mediaType, mediaType);

    private static Dictionary<string, string> Table(params (string MediaType, string[] Syntaxes)[] rows)
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["1.2.840.10008.1.2.5"] = "image/dicom-rle",
        };
        foreach (var (mediaType, syntaxes) in rows)
        {
            foreach (var syntax in syntaxes)
            {
                table.Add("1.2.840.10008.1.2.4." + syntax, mediaType);
            }
        }

        return table;
    }
}
