using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests.Imaging;

/// <summary>Rendering by a worker process, as it locks itself down; and what of a data set goes to it.</summary>
public class RenderingTests
{
    private static readonly ImageAttributes Small = new()
    {
        Frame = new() { Rows = 2, Columns = 4, SamplesPerPixel = 1, BitsAllocated = 8, BitsStored = 8, PhotometricInterpretation = "MONOCHROME2" },
        HighBit = 7,
    };

    private static readonly byte[] Pixels = [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    [Trait("Server", "yes")]
    public async Task A_worker_renders_refuses_and_renders_again()
    {
        await using var pool = new CodecPool(new CodecSettings { Workers = 1 }, TimeProvider.System, NullLogger<CodecPool>.Instance);
        var colour = Small with { Frame = Small.Frame with { SamplesPerPixel = 3, PhotometricInterpretation = "RGB" } };
        foreach (var (format, start) in new (ImageFormat, uint)[] { (ImageFormat.Png, 0x89504E47), (ImageFormat.Jpeg, 0xFFD8FFE0) })
        {
            foreach (var viewport in new (ushort, ushort)[] { (0, 0), (40, 40), (2, 2) })
            {
                foreach (var (attributes, pixels) in new[] { (Small, Pixels), (colour, [.. Pixels, .. Pixels, .. Pixels]) })
                {
                    using var image = await RenderAsync(pool, attributes, pixels, new RenderOptions { Format = format, Viewport = viewport, MaxPixels = 10_000 });
                    Assert.Equal(start, BinaryPrimitives.ReadUInt32BigEndian(image.Body.Span));
                }
            }

            await Assert.ThrowsAsync<CodecException>(() => RenderAsync(pool, Small, Pixels[1..], new RenderOptions { Format = format, MaxPixels = 10_000 }));
            await Assert.ThrowsAsync<CodecException>(() => RenderAsync(pool, Small, Pixels, new RenderOptions { Format = format, MaxPixels = 7 }));
        }
    }

    [Fact]
    public async Task Where_there_are_no_workers_nothing_waits_for_one()
    {
        await using var pool = new CodecPool(new CodecSettings { Workers = 0 }, TimeProvider.System, NullLogger<CodecPool>.Instance);
        await Assert.ThrowsAsync<CodecException>(() => RenderAsync(pool, Small, Pixels, new RenderOptions { MaxPixels = 100 }));
    }

    [Fact]
    public void A_frame_has_its_own_values_before_those_that_all_share_before_those_of_the_data_set()
    {
        var dataset = Described().AddOrUpdate(DicomTag.WindowCenter, "1").AddOrUpdate(DicomTag.WindowWidth, "2").AddOrUpdate(DicomTag.RescaleIntercept, "-7")
            .AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, new DicomDataset().AddOrUpdate(DicomTag.FrameVOILUTSequence, Windowed("10", "20")))
            .AddOrUpdate(
                DicomTag.PerFrameFunctionalGroupsSequence,
                new DicomDataset(),
                new DicomDataset().AddOrUpdate(DicomTag.FrameVOILUTSequence, Windowed("100", "200")));
        Assert.Equal(new Window(10, 20), ImageAttributesReader.Read(dataset, 1).Window);
        Assert.Equal(new Window(100, 200), ImageAttributesReader.Read(dataset, 2).Window);
        Assert.Equal(new Window(10, 20), ImageAttributesReader.Read(dataset, 3).Window);
        Assert.Equal(-7, ImageAttributesReader.Read(dataset, 3).Intercept);
    }

    /// <summary>Whatever a data set says: a refusal, or attributes that come over the wire as they are.</summary>
    [Fact]
    public void No_data_set_breaks_the_reading_of_its_attributes()
    {
        DicomTag[] numbers =
        [
            DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated, DicomTag.BitsStored, DicomTag.HighBit, DicomTag.SamplesPerPixel, DicomTag.PixelRepresentation,
            DicomTag.PlanarConfiguration, DicomTag.PixelPaddingValue, DicomTag.PixelPaddingRangeLimit,
        ];
        DicomTag[] texts =
        [
            DicomTag.WindowCenter, DicomTag.WindowWidth, DicomTag.RescaleSlope, DicomTag.RescaleIntercept, DicomTag.VOILUTFunction, DicomTag.PixelSpacing,
            DicomTag.PixelAspectRatio, DicomTag.PhotometricInterpretation, DicomTag.PresentationLUTShape,
        ];
        var number = Gen.Select(Gen.Int[0, numbers.Length - 1], Gen.OneOf(Gen.Int[0, 64], Gen.Int[0, 65535])).Select((tag, value) => (numbers[tag], value));
        var text = Gen.Select(Gen.Int[0, texts.Length - 1], Gen.OneOf(Gen.Double.Select(value => value.ToString("R", null)), Gen.Const("1e400"), Gen.Const("-1"), Gen.Const("NaN"), Gen.Const("SIGMOID"), Gen.String[Gen.Char[' ', '~'], 0, 16]))
            .Select((tag, value) => (texts[tag], value));
        var table = Gen.Select(Gen.Int[0, 65535], Gen.Int[0, 65535], Gen.Int[0, 65535], Gen.Byte.Array[0, 300]);
        Gen.Select(number.Array[0, 6], text.Array[0, 6], table, Gen.Int[0, 3]).Sample((some, others, entries, where) =>
        {
            var dataset = Described();
            foreach (var (tag, value) in some)
            {
                dataset.AddOrUpdate(tag, value);
            }

            foreach (var (tag, value) in others)
            {
                dataset.AddOrUpdate(new DicomElement(tag, DicomVR.LO, System.Text.Encoding.ASCII.GetBytes(value)));
            }

            var (count, first, bits, data) = entries;
            var item = where == 0 ? dataset : new DicomDataset();
            item.AddOrUpdate(where == 0 ? DicomTag.RedPaletteColorLookupTableDescriptor : DicomTag.LUTDescriptor, count, first, bits)
                .AddOrUpdate(new DicomElement(where == 0 ? DicomTag.RedPaletteColorLookupTableData : DicomTag.LUTData, DicomVR.OW, data));
            if (where > 0)
            {
                dataset.AddOrUpdate(where == 1 ? DicomTag.ModalityLUTSequence : DicomTag.VOILUTSequence, item);
            }

            try
            {
                var attributes = ImageAttributesReader.Read(dataset, 1);
                Assert.True(attributes.Frame.IsPossible);
                Assert.True(double.IsFinite(attributes.Slope) && double.IsFinite(attributes.Intercept) && attributes.PixelAspect > 0);
                Assert.True(attributes.Window is not { } window || window.IsPossible);
                var reader = new WireReader(new RenderHeader("", attributes, new RenderOptions { MaxPixels = 1 }).Encode());
                var arrived = RenderHeader.Read(ref reader);
                Assert.Equal(attributes with { ModalityTable = null, VoiTable = null, Palette = arrived.Attributes.Palette }, arrived.Attributes with { ModalityTable = null, VoiTable = null });
                Assert.Equal(attributes.VoiTable?.Data.ToArray(), arrived.Attributes.VoiTable?.Data.ToArray());
            }
            catch (CodecException)
            {
                // It describes no pixels.
            }
        });
    }

    private static DicomDataset Windowed(string center, string width) =>
        new DicomDataset().AddOrUpdate(DicomTag.WindowCenter, center).AddOrUpdate(DicomTag.WindowWidth, width);

    private static DicomDataset Described() => new DicomDataset()
        .AddOrUpdate(DicomTag.Rows, 2L).AddOrUpdate(DicomTag.Columns, 2L).AddOrUpdate(DicomTag.SamplesPerPixel, 1L).AddOrUpdate(DicomTag.BitsAllocated, 16L)
        .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2");

    private static Task<CodecAnswer> RenderAsync(CodecPool pool, ImageAttributes attributes, byte[] pixels, RenderOptions options) => pool.RenderAsync(
        new CodecCaller(default, "someone"), new RenderHeader("", attributes, options), pixels.Length,
        (output, _, _) =>
        {
            output.Write(pixels);
            return ValueTask.CompletedTask;
        },
        CancellationToken.None);
}
