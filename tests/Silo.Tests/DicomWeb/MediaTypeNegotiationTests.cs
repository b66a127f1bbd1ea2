using CsCheck;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Tests;

public class MediaTypeNegotiationTests
{
    private const string Native = "1.2.840.10008.1.2.1";
    private const string Jpeg = "1.2.840.10008.1.2.4.50";
    private const string JpegLs = "1.2.840.10008.1.2.4.80";
    private const string Jpeg2000 = "1.2.840.10008.1.2.4.90";
    private const string None = "";

    /// <summary>What viewers send for frames, what is stored, and what goes out: "+" in front for multipart.</summary>
    [Theory]
    [InlineData("*/*", Native, "+application/octet-stream")]
    [InlineData("*/*", Jpeg, "+image/jpeg")]
    [InlineData("multipart/related", JpegLs, "+image/jls")]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=*", Jpeg, "+application/octet-stream")]
    [InlineData("multipart/related; type=\"application/octet-stream\"; transfer-syntax=*", Native, "+application/octet-stream")]
    [InlineData("multipart/related; type=\"application/octet-stream; transfer-syntax=*\"", Native, "+application/octet-stream")]
    [InlineData("multipart/related; type=application/octet-stream", Jpeg, "+application/octet-stream")]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", Jpeg, None)]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", Native, "+application/octet-stream")]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2", Native, "+application/octet-stream")]
    [InlineData("multipart/related; type=\"image/jpeg\"; transfer-syntax=1.2.840.10008.1.2.4.50", Jpeg, "+image/jpeg")]
    [InlineData("multipart/related; type=\"image/jpeg\"; transfer-syntax=1.2.840.10008.1.2.4.70", Jpeg, None)]
    [InlineData("multipart/related; type=image/jls, multipart/related; type=image/jp2", Jpeg2000, "+image/jp2")]
    [InlineData("multipart/related; type=\"image/dicom+jp2\"; transfer-syntax=1.2.840.10008.1.2.4.90", Jpeg2000, "+image/jp2")]
    [InlineData("multipart/related; type=image/*", JpegLs, "+image/jls")]
    [InlineData("multipart/related; type=image/*", Native, None)]
    [InlineData("image/jpeg", Jpeg, "image/jpeg")]
    [InlineData("image/jpeg, multipart/related; type=image/jpeg; q=0.5", Jpeg, "image/jpeg")]
    [InlineData("image/jpeg;q=0.5, multipart/related; type=image/jpeg", Jpeg, "+image/jpeg")]
    [InlineData("application/octet-stream", Native, "application/octet-stream")]
    [InlineData("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", Jpeg, None)]
    [InlineData("MULTIPART/Related;TYPE=Image/JPEG", Jpeg, "+image/jpeg")]
    [InlineData("*/*;q=0.1, multipart/related; type=application/octet-stream; q=0", Native, "application/octet-stream")]
    [InlineData("*/*;q=0", Native, None)]
    [InlineData("application/dicom+json", Native, None)]
    [InlineData("multipart/related; type=application/dicom", Native, None)]
    [InlineData("rubbish, ;;;, =, multipart/related; type=\"", Native, None)]
    [InlineData("rubbish, */*", Native, "+application/octet-stream")]
    public void Frames_go_out_as_viewers_ask(string accept, string stored, string expected)
    {
        var offers = FrameMediaTypes.Offers(stored, isNative: stored == Native, single: true);
        var chosen = MediaTypeNegotiation.Select([.. MediaRange.ParseList(accept)], offers);
        Assert.Equal(expected, chosen is null ? None : (chosen.IsMultipart ? "+" : "") + chosen.MediaType);
    }

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"", Native, true)]
    [InlineData("multipart/related; type=\"application/dicom\"", Jpeg, false)]
    [InlineData("multipart/related; type=\"application/dicom\"", "1.2.840.10008.1.2", false)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", Jpeg, true)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50", Jpeg, true)]
    [InlineData("*/*", Native, true)]
    [InlineData("*/*", Jpeg, false)]
    public void Read_strictly_none_means_the_default_transfer_syntax(string accept, string stored, bool isAcceptable)
    {
        Representation[] offers = [new(Representation.Dicom, stored, true)];
        IReadOnlyList<MediaRange> accepted = [.. MediaRange.ParseList(accept)];
        Assert.Equal(isAcceptable, MediaTypeNegotiation.Select(accepted, offers, strict: true) is not null);
        Assert.NotNull(MediaTypeNegotiation.Select(accepted, offers, strict: false));
    }

    [Fact]
    public void Several_frames_are_never_offered_in_a_single_part() =>
        Assert.All(FrameMediaTypes.Offers(Jpeg, isNative: false, single: false), offer => Assert.True(offer.IsMultipart));

    [Fact]
    public void Any_text_is_parsed_without_an_error() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["multipart/related;type=\"\\,q=01.x*"], 0, 60])
            .Sample(text => Assert.All(MediaRange.ParseList(text), range => Assert.InRange(range.Quality, 0, 1)));

    [Fact]
    public void A_written_range_is_read_as_it_was_meant()
    {
        var token = Gen.String[Gen.Char["abcxyz019.-+"], 1, 12];
        var value = Gen.String[Gen.Char["abc,; =\"\\/*"], 1, 12];
        Gen.Select(token, token, value, Gen.Int[0, 1000]).Sample((type, subtype, syntax, quality) =>
        {
            var quoted = syntax.Replace("\\", "\\\\").Replace("\"", "\\\"");
            var q = (quality / 1000.0).ToString(System.Globalization.CultureInfo.InvariantCulture);
            var text = $"{type}/{subtype} ; transfer-syntax=\"{quoted}\";q={q}, a/b";
            var ranges = MediaRange.ParseList(text).ToList();
            Assert.Equal(2, ranges.Count);
            Assert.Equal(new MediaRange($"{type}/{subtype}") { TransferSyntax = syntax, Quality = quality / 1000.0 }, ranges[0]);
        });
    }
}
