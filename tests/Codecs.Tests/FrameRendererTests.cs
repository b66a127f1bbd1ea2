using System.Buffers.Binary;
using CsCheck;
using SecureStore.Codecs.Protocol;
using SecureStore.Codecs.Rendering;

namespace SecureStore.Codecs.Tests;

public class FrameRendererTests
{
    private const int MaxPixels = 4096;

    /// <summary>Most bytes that a request may take: the frame as it is unpacked, shown, cut, scaled and encoded, and five tables.</summary>
    private const long MaxAllocated = 4 * 1024 * 1024;

    private static readonly string[] Interpretations =
        ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "HSV"];

    private static readonly Gen<double> Numbers = Gen.OneOf(Gen.Double, Gen.Double[-1000, 1000], Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(0.0));

    private static readonly Gen<Window?> Windows = Gen.Select(Numbers, Numbers, Gen.Byte[0, 4], Gen.Bool)
        .Select((center, width, function, isThere) => isThere ? new Window(center, width, (WindowFunction)function) : (Window?)null);

    private static readonly Gen<LookupTable?> Tables = Gen.Select(Gen.UShort[0, 300], Gen.Int, Often(8, Gen.UShort[0, 20]), Gen.OneOf(Gen.Byte.Array[0, 700], Segments()), Gen.Bool, Gen.Int[0, 2])
        .Select((count, first, bits, data, isSegmented, absent) => absent == 0 ? new LookupTable(count, first, bits, data, isSegmented) : null);

    private static readonly Gen<ImageAttributes> Attributes =
        from frame in Gen.Select(Gen.UShort[0, 70], Gen.UShort[0, 70], Often(1, Gen.UShort[1, 4]), Gen.OneOf(Gen.Int[1, 2], Gen.Int[0, 4]), Often(8, Gen.UShort[0, 34]), Gen.Bool, Gen.UShort[0, 1], Gen.Int[0, Interpretations.Length - 1])
        from shape in Gen.Select(Often(7, Gen.UShort[0, 34]), Gen.Int[0, 4].Select(one => one == 0), Gen.Bool)
        from values in Gen.Select(Numbers, Numbers, Numbers, Windows)
        from tables in Tables.Array[5]
        from padding in Gen.Select(Gen.Int, Gen.Int, Gen.Bool)
        select new ImageAttributes
        {
            Frame = new()
            {
                Rows = frame.Item1, Columns = frame.Item2, SamplesPerPixel = frame.Item3, BitsAllocated = (ushort)(8 * frame.Item4), BitsStored = frame.Item5, IsSigned = frame.Item6,
                PlanarConfiguration = frame.Item7, PhotometricInterpretation = Interpretations[frame.Item8],
            },
            HighBit = shape.Item1,
            IsBitPacked = shape.Item2,
            IsInverse = shape.Item3,
            Slope = values.Item1,
            Intercept = values.Item2,
            PixelAspect = values.Item3,
            Window = values.Item4,
            ModalityTable = tables[0],
            VoiTable = tables[1],
            Palette = tables is [_, _, { } red, { } green, { } blue] ? [red, green, blue] : [],
            Padding = padding.Item3 ? (padding.Item1, padding.Item2) : null,
        };

    private static readonly Gen<RenderOptions> Options =
        from format in Gen.Int[0, 1]
        from viewport in Gen.Select(Gen.UShort[0, 100], Gen.UShort[0, 100])
        from region in Gen.OneOf(Gen.Const(default(SourceRegion)), Gen.Const(default(SourceRegion)), Gen.Select(Gen.Int[-2, 70], Gen.Int[-2, 70], Gen.Int[-70, 70], Gen.Int[-70, 70]).Select((x, y, w, h) => new SourceRegion(x, y, w, h)))
        from window in Windows
        select new RenderOptions { Format = (ImageFormat)format, Viewport = viewport, Region = region, Window = window, MaxPixels = MaxPixels };

    [Fact]
    public void Whatever_is_described_is_shown_or_refused_in_bounded_memory()
    {
        var shown = 0;
        Gen.Select(Attributes, Options, Gen.Int[0, 30_000], Gen.Int).Sample(
            (attributes, options, length, seed) =>
            {
                var native = new byte[length];
                new Random(seed).NextBytes(native);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    var image = FrameRenderer.Render(native, attributes, options);
                    Assert.Equal(options.Format == ImageFormat.Png ? 0x89504E47u : 0xFFD8FFE0, BinaryPrimitives.ReadUInt32BigEndian(image));
                    Interlocked.Increment(ref shown);
                }
                catch (CodecException)
                {
                    // It makes no sense, or the frame is shorter.
                }

                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
            },
            iter: 20_000);
        Assert.True(shown > 200, $"{shown}");
    }

    [Fact]
    public void Damaged_headers_are_refused() =>
        Gen.Select(Attributes, Options, Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[1, 4], Gen.Int[0, 4000]).Sample(
            (attributes, options, changes, cut) =>
            {
                var bytes = new RenderHeader("1.2.840.10008.1.2.5", attributes, options).Encode();
                foreach (var (at, value) in changes)
                    bytes[at % bytes.Length] = value;

                try
                {
                    var reader = new WireReader(bytes.AsSpan(0, Math.Min(bytes.Length, cut)));
                    var header = RenderHeader.Read(ref reader);
                    Assert.True(header.Attributes.Frame.IsPossible);
                }
                catch (CodecException)
                {
                    // It is cut off, or says what cannot be.
                }
            },
            iter: 5_000);

    /// <summary>The examples of PS3.3 C.11.2.1.2 and what stands beside them.</summary>
    [Theory]
    [InlineData(2048, 4096, WindowFunction.Linear, new[] { 0, 2047, 2048, 4095, 4096 }, new[] { 0, 127, 128, 255, 255 })]
    [InlineData(2048, 1, WindowFunction.Linear, new[] { 2047, 2048 }, new[] { 0, 255 })]
    [InlineData(0, 100, WindowFunction.Linear, new[] { -50, 0, 49, 50 }, new[] { 0, 129, 255, 255 })]
    [InlineData(2048, 4096, WindowFunction.LinearExact, new[] { 0, 2048, 4096 }, new[] { 0, 128, 255 })]
    [InlineData(2048, 4096, WindowFunction.Sigmoid, new[] { -32768, 0, 2048, 4096, 32767 }, new[] { 0, 30, 128, 225, 255 })]
    public void A_window_gives_the_greys_of_the_standard(double center, double width, WindowFunction function, int[] values, int[] greys)
    {
        var native = new byte[2 * values.Length];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(native.AsSpan(2 * i), (short)values[i]);

        var attributes = new ImageAttributes
        {
            Frame = Frames.Of(1, values.Length, bitsAllocated: 16) with { IsSigned = true }, HighBit = 15, Window = new Window(center, width, function),
        };
        var grey = new byte[values.Length];
        new GreyRendering(attributes, null).Render(native, grey);
        Assert.Equal(greys, grey.Select(one => (int)one));
    }

    [Fact]
    public void A_region_is_cut_and_turned()
    {
        byte[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        Assert.Equal([5, 6, 8, 9], Cut(new SourceRegion(1, 1, 0, 0)));
        Assert.Equal([3, 2], Cut(new SourceRegion(1, 0, -2, 1)));
        Assert.Equal([7, 4, 1], Cut(new SourceRegion(0, 0, 1, -3)));
        Assert.Throws<CodecException>(() => Cut(new SourceRegion(1, 1, 3, 1)));

        byte[] Cut(SourceRegion region) => ImagePlacement.Of(3, 3, 1, new RenderOptions { Region = region, MaxPixels = 9 }).Cut(image, 3, 1);
    }

    [Theory]
    [InlineData(100, 50, 1, 0, 0, 100, 50)]
    [InlineData(100, 50, 1, 10, 10, 10, 5)]
    [InlineData(100, 50, 1, 1000, 1000, 1000, 500)]
    [InlineData(100, 50, 2, 0, 0, 100, 100)]
    [InlineData(100, 50, 0.5, 0, 0, 200, 50)]
    [InlineData(100, 50, 1e9, 0, 0, 100, 50)]
    [InlineData(100, 1, 1, 10, 10, 10, 1)]
    public void An_image_keeps_its_proportions(int columns, int rows, double aspect, int viewWidth, int viewHeight, int width, int height)
    {
        var placement = ImagePlacement.Of(columns, rows, aspect, new RenderOptions { Viewport = ((ushort)viewWidth, (ushort)viewHeight), MaxPixels = 1_000_000 });
        Assert.Equal((width, height), (placement.OutputWidth, placement.OutputHeight));
    }

    private static Gen<ushort> Often(ushort value, Gen<ushort> others) => Gen.OneOf(Gen.Const(value), others);

    /// <summary>Segments that are mostly whole: discrete, linear, indirect.</summary>
    private static Gen<byte[]> Segments() => Gen.Select(Gen.Byte[0, 3], Gen.Byte[0, 80], Gen.Byte).Array[1, 8]
        .Select(segments => segments.SelectMany(one => (byte[])[one.Item1, 0, one.Item2, 0, one.Item3, 0, .. one.Item1 == 2 ? new byte[2] : []]).ToArray());
}
