using CsCheck;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.AspNetCore.Http;
using SecureStore.Codecs.Protocol;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Tests;

public class RenderQueryTests
{
    private const uint MaxPixels = 1_000_000;

    private static readonly FrameDescription Frame =
        new() { Rows = 100, Columns = 200, SamplesPerPixel = 1, BitsAllocated = 8, BitsStored = 8, PhotometricInterpretation = "MONOCHROME2" };

    [Theory]
    [InlineData("window=1.5,2,sigmoid", true)]
    [InlineData("window=-1e3,0.5,linear-exact", true)]
    [InlineData("window=1,0.5,linear", false)]
    [InlineData("window=1,2,SIGMOID", false)]
    [InlineData("window=1,2,linear,", false)]
    [InlineData("window=1, 2", false)]
    [InlineData("window=", false)]
    [InlineData("window", false)]
    [InlineData("viewport=1,1,,,,", true)]
    [InlineData("viewport=1,1,,,,,", false)]
    [InlineData("viewport=+1,1", false)]
    [InlineData("viewport=1000,1000", true)]
    [InlineData("viewport=1000,1001", false)]
    [InlineData("viewport=5,5,0,0,-200,-100", true)]
    [InlineData("viewport=5,5,199,99,1,1", true)]
    [InlineData("viewport=5,5,199,99,2,1", false)]
    [InlineData("viewport=5,5,200,0", false)]
    [InlineData("quality=100&quality=100", false)]
    [InlineData("quality=1.0", false)]
    [InlineData("somethingElse=1", true)]
    public void Parameters_are_checked(string query, bool isShown)
    {
        var refusal = RenderQuery.Read(new QueryCollection(QueryHelpers.ParseQuery(query)), default, MaxPixels, out var read);
        Assert.Equal(isShown, refusal is null && read.For(Frame) is not null);
    }

    /// <summary>Whatever is asked for: a refusal, or a region within the frame and an image within the limits; and no word of it in the answer.</summary>
    [Fact]
    public void What_is_not_refused_can_be_shown()
    {
        var names = Gen.Int[0, 11].Select(index => ((string[])
            ["window", "viewport", "quality", "iccprofile", "annotation", "region", "rows", "columns", "windowCenter", "windowWidth", "imageQuality", "frameNumber"])[index]);
        var piece = Gen.OneOf(Gen.Int.Select(one => one.ToString()), Gen.Int[-300, 300].Select(one => one.ToString()), Gen.Double[0, 1].Select(one => one.ToString("R")), Gen.Const(""), Gen.Const("linear"), Gen.Const("planted"));
        var value = Gen.OneOf(piece.Array[1, 7].Select(pieces => string.Join(',', pieces)), Gen.String[0, 30]);
        Gen.Select(Gen.Select(names, value).Array[0, 5], Gen.Bool, Gen.Int[1, 300], Gen.Int[1, 300]).Sample((parameters, isUri, rows, columns) =>
        {
            var query = new QueryCollection(QueryHelpers.ParseQuery(string.Join('&', parameters.Select(one => $"{one.Item1}={Uri.EscapeDataString(one.Item2)}"))));
            var refusal = isUri ? RenderQuery.ReadUri(query, MaxPixels, out var read) : RenderQuery.Read(query, default, MaxPixels, out read);
            if (refusal is not null)
            {
                Assert.DoesNotContain("planted", refusal);
                return;
            }

            if (read.For(Frame with { Rows = (ushort)rows, Columns = (ushort)columns }) is { } options)
            {
                Assert.True(options.Region.IsWithin(columns, rows));
                Assert.Equal(MaxPixels, options.MaxPixels);
                Assert.InRange(options.Quality, 1, 100);
                Assert.True(options.Window is not { } window || window.IsPossible);
            }
        });
    }
}
