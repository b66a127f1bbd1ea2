using System.Buffers.Binary;

namespace SecureStore.Dicom.Tests;

public class PixelLayoutTests
{
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 1, 2];
    private static readonly byte[] More = [9, 9, 9, 9, 9, 9];

    private static DicomDataset Image(int frames, int rows = 2, int columns = 2, int bits = 8) => DicomGen.Image()
        .AddOrUpdate(DicomTag.NumberOfFrames, frames)
        .AddOrUpdate(DicomTag.Rows, rows)
        .AddOrUpdate(DicomTag.Columns, columns)
        .AddOrUpdate(DicomTag.BitsAllocated, bits)
        .AddOrUpdate(DicomTag.SamplesPerPixel, 1);

    private static async Task<(byte[] File, DicomPixelLayout Layout)> Read(DicomDataset dataset, DicomTransferSyntax? syntax = null)
    {
        var file = DicomGen.File(dataset, syntax);
        return (file, (await DicomGen.Read(file)).PixelData!);
    }

    private static async Task<List<string>> Frames(byte[][] fragments, int frames, uint[]? table = null, ulong[]? offsets = null, ulong[]? lengths = null)
    {
        var bot = (table ?? []).SelectMany(BitConverter.GetBytes).ToArray();
        var image = Image(frames).AddOrUpdate(
            new DicomFragmentItem(DicomTag.PixelData, DicomVR.OB, bot, [.. fragments.Select(data => new DicomFragment(0, data.Length, data))]));
        if (offsets is not null)
            image.AddOrUpdate(Quads(DicomTag.ExtendedOffsetTable, offsets));

        if (lengths is not null)
            image.AddOrUpdate(Quads(DicomTag.ExtendedOffsetTableLengths, lengths));

        var (file, layout) = await Read(image, DicomTransferSyntax.JPEGBaseline8Bit);
        Assert.True(layout.IsEncapsulated);
        Assert.Equal(fragments.Length, layout.Fragments.Count);
        return [.. Enumerable.Range(0, layout.FrameCount).Select(index => Convert.ToHexString(
            [.. layout.GetFrame(index).SelectMany(range => file[(int)range.Offset..(int)(range.Offset + range.Length)])]))];
    }

    private static DicomElement Quads(DicomTag tag, ulong[] values) =>
        new(tag, DicomVR.OV, values.SelectMany(BitConverter.GetBytes).ToArray());

    private static string Hex(params byte[][] parts) => Convert.ToHexString([.. parts.SelectMany(part => part)]);

    [Fact]
    public async Task Native_frames_follow_one_another()
    {
        byte[] pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        var (file, layout) = await Read(Image(3).AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OB, pixels)));
        Assert.Equal((3, 12L, false), (layout.FrameCount, layout.Length, layout.IsEncapsulated));
        var range = Assert.Single(layout.GetFrame(1));
        Assert.Equal([5, 6, 7, 8], file[(int)range.Offset..(int)(range.Offset + range.Length)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.GetFrame(3));
    }

    [Fact]
    public async Task Offsets_in_a_deflated_data_set_count_after_inflating()
    {
        var image = Image(1).AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OB, new byte[] { 1, 2, 3, 4 }));
        var bytes = DicomGen.File(image, DicomTransferSyntax.DeflatedExplicitVRLittleEndian);
        await using var reader = new DicomStreamReader(new MemoryStream(bytes));
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(reader.OffsetsAreInflated);
        Assert.Equal([1, 2, 3, 4], DicomGen.Bytes(image).AsSpan((int)reader.PixelData!.Offset, 4).ToArray());
    }

    [Theory]
    [InlineData("YBR_FULL_422", 3, 8)]
    [InlineData("RGB", 3, 12)]
    [InlineData("MONOCHROME2", 1, 4)]
    [InlineData("YBR_PARTIAL_420", 3, 6)]
    public async Task Subsampled_colour_makes_shorter_frames(string photometric, int samples, int length)
    {
        var image = Image(2)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, photometric)
            .AddOrUpdate(DicomTag.SamplesPerPixel, samples)
            .AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OB, new byte[24]));
        var (_, layout) = await Read(image);
        Assert.Equal(length, layout.GetFrame(1)[0].Length);
        Assert.Equal(layout.Offset + length, layout.GetFrame(1)[0].Offset);
    }

    [Theory]
    [InlineData(2, 3, 3, 1)]
    [InlineData(3, 200, 200, 16)]
    [InlineData(2, 0, 2, 8)]
    [InlineData(2, 65535, 65535, 65535)]
    public async Task Frames_that_do_not_fit_are_not_made_up(int frames, int rows, int columns, int bits)
    {
        var image = Image(frames, rows, columns, bits).AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OB, new byte[24]));
        Assert.Equal(0, (await Read(image)).Layout.FrameCount);
    }

    [Fact]
    public async Task One_frame_is_all_fragments() =>
        Assert.Equal([Hex(Jpeg, More)], await Frames([Jpeg, More], 1));

    [Fact]
    public async Task Without_a_table_a_fragment_is_a_frame_where_the_numbers_agree() =>
        Assert.Equal([Hex(More), Hex(Jpeg)], await Frames([More, Jpeg], 2));

    [Fact]
    public async Task Empty_fragments_at_the_end_are_no_frames() =>
        Assert.Equal([Hex(More), Hex(Jpeg)], await Frames([More, Jpeg, []], 2));

    [Fact]
    public async Task The_basic_offset_table_gathers_fragments() =>
        Assert.Equal([Hex(Jpeg, More), Hex(More)], await Frames([Jpeg, More, More], 2, table: [0, 26]));

    [Fact]
    public async Task A_table_that_meets_no_fragment_is_not_believed() =>
        Assert.Equal([Hex(Jpeg, More), Hex(Jpeg)], await Frames([Jpeg, More, Jpeg], 2, table: [0, 27]));

    [Fact]
    public async Task Without_a_table_streams_begin_frames() =>
        Assert.Equal([Hex(Jpeg, More), Hex(Jpeg, More)], await Frames([Jpeg, More, Jpeg, More], 2));

    [Fact]
    public async Task Frames_that_cannot_be_told_apart_are_none() =>
        Assert.Empty(await Frames([More, More, More], 2));

    [Fact]
    public async Task The_extended_offset_table_says_exact_lengths() =>
        Assert.Equal([Hex(Jpeg[..3]), Hex(More, More[..5])], await Frames([Jpeg, More, More], 2, offsets: [0, 12], lengths: [3, 11]));

    [Fact]
    public async Task No_fragments_are_no_frames() => Assert.Empty(await Frames([], 1));

    [Fact]
    public async Task Fragments_are_kept_where_all_is_kept()
    {
        var item = new DicomFragmentItem(DicomTag.PixelData, DicomVR.OB, default, [new(0, 4, Jpeg), new(0, 6, More)]);
        var file = DicomGen.File(Image(1).AddOrUpdate(item), DicomTransferSyntax.JPEGBaseline8Bit);
        var read = await DicomGen.Read(file, DicomReadOptions.KeepAll);
        var saved = new MemoryStream();
        await read.SaveAsync(saved, TestContext.Current.CancellationToken);
        Assert.Equal(file, saved.ToArray());
    }

    [Fact]
    public async Task A_delimiter_within_a_fragment_is_not_the_end()
    {
        byte[] fragment = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
        Assert.Equal([Hex(fragment, More)], await Frames([fragment, More], 1));
    }

    [Fact]
    public async Task Offsets_of_fragments_are_those_of_the_file()
    {
        var item = new DicomFragmentItem(DicomTag.PixelData, DicomVR.OB, default, [new(0, 4, Jpeg)]);
        var (file, layout) = await Read(Image(1).AddOrUpdate(item), DicomTransferSyntax.JPEGBaseline8Bit);
        Assert.Equal(0xE000FFFE, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)layout.Offset)));
        Assert.Equal(Jpeg, file.AsSpan((int)layout.Fragments[0].Offset, 4).ToArray());
        Assert.Equal(8 + 8 + 4, layout.Length);
    }
}
