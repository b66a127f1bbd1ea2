using System.Text;
using CsCheck;

namespace SecureStore.Dicom.Tests;

public class ReaderTests
{
    private static readonly DicomTag Item = new(0xFFFE, 0xE000);

    [Fact]
    public void What_was_written_is_read_in_every_syntax() =>
        Gen.Select(DicomGen.Dataset(3), DicomGen.Syntax, DicomGen.Length).Sample(
            (dataset, syntax, sequences) =>
            {
                var file = DicomGen.Read(DicomGen.File(dataset, syntax, sequences)).GetAwaiter().GetResult();
                Assert.Equal(DicomGen.Dump(dataset), DicomGen.Dump(file.Dataset));
                Assert.Equal(syntax, file.Syntax);
            },
            iter: 1000,
            threads: 1);

    [Fact]
    public void Bytes_may_arrive_in_pieces() =>
        Gen.Select(DicomGen.Dataset(2), DicomGen.Syntax, DicomGen.Length, Gen.Int[1, 40]).Sample(
            (dataset, syntax, sequences, piece) =>
            {
                var source = new TricklingStream(DicomGen.File(dataset, syntax, sequences), piece);
                var file = DicomFile.OpenAsync(source).GetAwaiter().GetResult();
                Assert.Equal(DicomGen.Dump(dataset), DicomGen.Dump(file.Dataset));
                Assert.InRange(source.LargestRead, 1, 128 * 1024);
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void What_passes_by_itself_is_read_as_if_it_were_handed_out()
    {
        var passed = 0L;
        Gen.Select(DicomGen.Dataset(2), DicomGen.Syntax, DicomGen.Length, Gen.Int[1, 40], Gen.Int[0, 3000]).Sample(
            (dataset, syntax, sequences, piece, cut) =>
            {
                dataset.AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, new byte[300]));
                var file = DicomGen.File(dataset, syntax, sequences);
                file = file[..Math.Max(0, file.Length - cut)];
                var passing = new PassingStream(file, piece);
                Assert.Equal(Outcome(new MemoryStream(file)), Outcome(passing));
                Assert.True(file.AsSpan().StartsWith(passing.All.ToArray()));
                passed += passing.PassedOver;
            },
            iter: 1000,
            threads: 1);
        Assert.True(passed > 10_000);

        static string Outcome(Stream source)
        {
            var reader = new DicomStreamReader(source, new DicomReadOptions { MaxInlineValue = 2 });
            try
            {
                reader.OpenAsync().AsTask().GetAwaiter().GetResult();
                reader.ReadToEndAsync().AsTask().GetAwaiter().GetResult();
                return $"{DicomGen.Dump(reader.Dataset)} {reader.Position} {reader.IsTruncated} {reader.PixelData?.Offset} {reader.PixelData?.Length}";
            }
            catch (DicomDataException refused)
            {
                return refused.Message;
            }
        }
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else() =>
        Gen.Select(
                Gen.Select(DicomGen.Dataset(2), DicomGen.Syntax, DicomGen.Length, DicomGen.File),
                Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[1, 6],
                Gen.Int[0, 4000])
            .Sample(
                (file, flips, cut) =>
                {
                    foreach (var (at, value) in flips)
                    {
                        file[at % file.Length] ^= value;
                    }

                    if (cut < file.Length)
                        Array.Resize(ref file, cut);

                    var before = GC.GetAllocatedBytesForCurrentThread();
                    try
                    {
                        DicomGen.Read(file).GetAwaiter().GetResult();
                        DicomGen.Read(file, DicomReadOptions.KeepAll).GetAwaiter().GetResult();
                    }
                    catch (DicomDataException)
                    {
                        // As it should be.
                    }

                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * 1024 * 1024);
                },
                iter: 5000,
                threads: 1);

    [Theory]
    [InlineData(0xFFFFFFFF)]
    [InlineData(0x00000000)]
    public async Task A_hundred_thousand_nested_sequences_are_refused(uint length)
    {
        var level = new Bytes().Element(DicomTag.ReferencedImageSequence, "SQ", 0xFFFFFFFF).Item(Item, 0xFFFFFFFF).ToArray();
        var body = Enumerable.Repeat(level, 100_000).SelectMany(bytes => bytes).ToArray();
        if (length == 0)
            body = [.. body.Select((b, i) => i % 20 is >= 8 and < 12 || i % 20 >= 16 ? (byte)(i % 4 == 3 ? 0x7F : 0xFF) : b)];

        var refused = await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read([.. DicomGen.File(new()), .. body]));
        Assert.Contains("nested", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0010,0010 UT", 0xFFFFFFF0)]
    [InlineData("0008,0005 OB", 0x7FFFFFFF)]
    public async Task A_length_that_lies_before_the_UIDs_is_refused_without_memory_for_it(string element, uint length)
    {
        var tag = DicomTag.FromValue(Convert.ToUInt32(element[..9].Replace(",", ""), 16));
        byte[] file = [.. DicomGen.File(new()), .. new Bytes().Element(tag, element[10..], length).Add("few bytes"u8).ToArray()];
        foreach (var options in new[] { new DicomReadOptions(), DicomReadOptions.KeepAll })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read(file, options));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * 1024 * 1024);
        }
    }

    [Fact]
    public async Task A_file_that_ends_in_its_pixels_is_read_as_far_as_it_goes()
    {
        var image = DicomGen.Image().AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, new byte[1000]));
        var file = DicomGen.File(image)[..^400];
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(reader.IsTruncated);
        Assert.Equal(600, reader.PixelData!.Length);
        Assert.Equal(600, ((DicomBulkItem)reader.Dataset.Find(DicomTag.PixelData)!).Length);
    }

    [Fact]
    public async Task A_file_that_ends_before_it_says_what_it_is_is_refused()
    {
        var whole = DicomGen.File(DicomGen.Image());
        for (var length = 1; length < whole.Length; length++)
        {
            try
            {
                var file = await DicomGen.Read(whole[..length]);
                Assert.Null(file.Dataset.GetString(DicomTag.SeriesInstanceUID));
            }
            catch (DicomDataException)
            {
                continue;
            }
        }
    }

    [Fact]
    public async Task Long_values_and_pixels_are_left_where_they_are()
    {
        var image = DicomGen.Image()
            .AddOrUpdate(DicomTag.ImageComments, new string('x', 9000))
            .AddOrUpdate(new DicomElement(DicomTag.EncapsulatedDocument, DicomVR.OB, new byte[20_000]))
            .AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, new byte[] { 1, 2, 3, 4 }));
        var file = DicomGen.File(image);
        var read = await DicomGen.Read(file);
        var document = Assert.IsType<DicomBulkItem>(read.Dataset.Find(DicomTag.EncapsulatedDocument));
        var pixels = Assert.IsType<DicomBulkItem>(read.Dataset.Find(DicomTag.PixelData));
        Assert.Equal(9000, read.Dataset.GetString(DicomTag.ImageComments)!.Length);
        Assert.Equal(20_000, document.Length);
        Assert.Equal([1, 2, 3, 4], file[(int)pixels.Offset..(int)(pixels.Offset + pixels.Length)]);

        var all = await DicomGen.Read(file, DicomReadOptions.KeepAll);
        Assert.Equal([1, 2, 3, 4], Assert.IsType<DicomElement>(all.Dataset.Find(DicomTag.PixelData)).Value.ToArray());
    }

    [Fact]
    public async Task An_object_of_four_GiB_takes_no_memory()
    {
        var image = DicomGen.Image().AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, default));
        byte[] head = [.. DicomGen.File(image)[..^4], 0xFE, 0xFF, 0xFF, 0xFF];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var file = await DicomFile.OpenAsync(new EndlessStream(head, head.Length + 0xFFFFFFFEL));
        Assert.Equal(0xFFFFFFFEL, file.PixelData!.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 * 1024 * 1024);
    }

    [Fact]
    public async Task Reading_stops_before_a_tag_and_goes_on()
    {
        await using var reader = new DicomStreamReader(new MemoryStream(DicomGen.File(DicomGen.Image())));
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadUntilAsync(DicomTag.PatientID, TestContext.Current.CancellationToken));
        Assert.True(reader.Dataset.Contains(DicomTag.PatientName));
        Assert.False(reader.Dataset.Contains(DicomTag.PatientID));
        Assert.False(await reader.ReadUntilAsync(DicomTag.PixelData, TestContext.Current.CancellationToken));
        Assert.Equal("1.2.3.3", reader.Dataset.GetString(DicomTag.SeriesInstanceUID));
    }

    [Fact]
    public async Task The_first_of_two_elements_with_one_tag_counts()
    {
        var second = new DicomDataset().AddOrUpdate(DicomTag.PatientID, "P2");
        var file = await DicomGen.Read([.. DicomGen.File(DicomGen.Image()), .. DicomGen.Bytes(second)]);
        Assert.Equal("P1", file.Dataset.GetString(DicomTag.PatientID));
    }

    [Theory]
    [InlineData(100, 1_000_000, 64)]
    [InlineData(1_000_000, 3, 64)]
    [InlineData(1_000_000, 1_000_000, 0)]
    public async Task Limits_hold(long bytes, int elements, int depth)
    {
        var image = DicomGen.Image().AddOrUpdate(DicomTag.ReferencedImageSequence, DicomGen.Image());
        var limits = new DicomReadOptions { MaxHeaderBytes = bytes, MaxElements = elements, MaxDepth = depth };
        await DicomGen.Read(DicomGen.File(image));
        await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read(DicomGen.File(image), limits));
    }

    [Fact]
    public async Task Many_values_left_in_the_source_far_down_count_with_their_paths()
    {
        var pixels = new DicomElement(DicomTag.PixelData, DicomVR.OB, new byte[2]);
        var items = Enumerable.Range(0, 1000).Select(_ => new DicomDataset().AddOrUpdate(pixels)).ToArray();
        var limits = new DicomReadOptions { MaxHeaderBytes = 200_000 };
        await DicomGen.Read(DicomGen.File(Nested(1)), limits);
        await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read(DicomGen.File(Nested(60)), limits));

        DicomDataset Nested(int depth) => depth == 1
            ? DicomGen.Image().AddOrUpdate(DicomTag.IconImageSequence, items)
            : DicomGen.Image().AddOrUpdate(DicomTag.IconImageSequence, Nested(depth - 1));
    }

    [Fact]
    public async Task Inflating_ends_at_the_limit()
    {
        var image = DicomGen.Image().AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, new byte[1_000_000]));
        var file = DicomGen.File(image, DicomTransferSyntax.DeflatedExplicitVRLittleEndian);
        Assert.InRange(file.Length, 0, 5_000);
        await DicomGen.Read(file);
        await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read(file, new() { MaxInflatedBytes = 500_000 }));
    }

    [Fact]
    public async Task A_damaged_deflate_stream_is_refused()
    {
        var file = DicomGen.File(DicomGen.Image(), DicomTransferSyntax.DeflatedExplicitVRLittleEndian);
        file.AsSpan(^40..).Fill(0xFF);
        await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"00080018\":{\"vr\":\"UI\"}}")]
    [InlineData("GIF89a and so on, for a while, until it is longer than a header")]
    public async Task What_is_no_DICOM_is_refused(string text) =>
        await Assert.ThrowsAsync<DicomDataException>(() => DicomGen.Read(Encoding.ASCII.GetBytes(text)));
}
