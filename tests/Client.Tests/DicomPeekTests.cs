using System.IO.Compression;
using CsCheck;
using SecureStore.Client.Files;
using SecureStore.Dicom;

namespace SecureStore.Client.Tests;

public class DicomPeekTests
{
    static readonly DicomIdentity Expected = new("1.2", "1.2.3", "1.2.3.4");

    static DicomIdentity? Peek(byte[] file) => DicomPeek.Read(new MemoryStream(file));

    static byte[] Write(string? syntax, Action<Stream, uint, string, string> element, Action<Stream>? first = null)
    {
        using var file = new MemoryStream();
        if (syntax is not null)
        {
            file.Write(new byte[128]);
            file.Write("DICM"u8);
            Dicom.Explicit(file, 0x00020003, "UI", "9.9");
            Dicom.Explicit(file, 0x00020010, "UI", syntax);
        }

        first?.Invoke(file);
        Dicom.DataSet(file, "1.2", "1.2.3", "1.2.3.4", 10, element);
        return file.ToArray();
    }

    [Fact]
    public void It_reads_every_encoding()
    {
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2", Dicom.Implicit)));
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2.1", Dicom.Explicit)));
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2.4.50", Dicom.Explicit)));
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2.2", Dicom.ExplicitBigEndian)));
    }

    [Fact]
    public void It_reads_files_that_are_not_in_the_transfer_syntax_they_name()
    {
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2.4.50", Dicom.Implicit)));
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2", Dicom.Explicit)));
    }

    [Fact]
    public void It_reads_files_without_preamble()
    {
        Assert.Equal(Expected, Peek(Write(null, Dicom.Implicit)));
        Assert.Equal(Expected, Peek(Write(null, Dicom.Explicit)));
        Assert.Equal(Expected, Peek(Write(null, Dicom.ExplicitBigEndian)));
        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2", Dicom.Implicit)[132..]));
    }

    [Fact]
    public void It_inflates()
    {
        var plain = Write(null, Dicom.Explicit);
        using var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        Dicom.Explicit(file, 0x00020010, "UI", "1.2.840.10008.1.2.1.99");
        using (var deflate = new DeflateStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(plain);
        }

        Assert.Equal(Expected, Peek(file.ToArray()));
    }

    [Fact]
    public void It_passes_over_sequences_of_undefined_length()
    {
        static void Sequence(Stream file)
        {
            file.Write([0x08, 0x00, 0x06, 0x00, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
            file.Write([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
            Dicom.Explicit(file, 0x0020000D, "UI", "6.6.6");
            file.Write([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]);
            file.Write([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        }

        Assert.Equal(Expected, Peek(Write("1.2.840.10008.1.2.1", Dicom.Explicit, Sequence)));
    }

    [Fact]
    public void A_file_that_says_nothing_of_itself_is_still_DICOM()
    {
        var file = new byte[132];
        "DICM"u8.CopyTo(file.AsSpan(128));

        Assert.Equal(DicomIdentity.Unknown, Peek(file));
    }

    [Fact]
    public void Other_files_are_not_DICOM()
    {
        Assert.Null(Peek([]));
        Assert.Null(Peek("%PDF-1.7 and then some more of the text"u8.ToArray()));
        Assert.Null(Peek(new byte[4096]));
        Assert.Null(Peek([0x89, (byte)'P', (byte)'N', (byte)'G', .. new byte[500]]));
    }

    [Fact]
    public void Sequences_of_any_depth_end()
    {
        using var file = new MemoryStream();
        for (var i = 0; i < 100_000; i++)
        {
            file.Write([0x08, 0x00, 0x06, 0x00, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        }

        Assert.Equal(DicomIdentity.Unknown, Peek(file.ToArray()));
    }

    [Fact]
    public void Damage_never_makes_it_throw()
    {
        var file = Write("1.2.840.10008.1.2.1", Dicom.Explicit);
        Gen.Select(Gen.Int[128, file.Length - 1], Gen.Byte, Gen.Int[0, file.Length]).Sample((at, value, length) =>
        {
            var damaged = (byte[])file.Clone();
            damaged[at] = value;
            Peek(damaged[..length]);
        });
    }

    [Theory]
    [InlineData("1.2.840.10008", true)]
    [InlineData("0", true)]
    [InlineData("1.02", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("1.", false)]
    [InlineData(".1", false)]
    [InlineData("1..2", false)]
    [InlineData("1/2", false)]
    [InlineData("1.2\n", false)]
    [InlineData("\u0661", false)]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", false)]
    public void Uids_are_told_from_other_text(string text, bool isUid) => Assert.Equal(isUid, DicomIdentity.IsUid(text));

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.2")]
    public async Task Reads_what_retention_depends_on(string transferSyntax)
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3").AddOrUpdate(DicomTag.StudyDate, "20100203", "20300101")
            .AddOrUpdate(DicomTag.Modality, "SR").AddOrUpdate(DicomTag.StudyInstanceUID, "1.2").AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.4");
        using var file = new MemoryStream();
        await new DicomFile(new DicomDataset(), dataset, DicomTransferSyntax.Find(transferSyntax)).SaveAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        Assert.Equal(new DicomIdentity("1.2", "1.2.4", "1.2.3") { StudyDate = "20100203", Modality = "SR" }, DicomPeek.Read(file));
    }

    [Fact]
    public async Task Knows_a_DICOMDIR()
    {
        using var file = new MemoryStream();
        var meta = new DicomDataset().AddOrUpdate(DicomTag.MediaStorageSOPClassUID, DicomUID.MediaStorageDirectoryStorage.UID)
            .AddOrUpdate(DicomTag.MediaStorageSOPInstanceUID, "1.2.3");
        await new DicomFile(meta, new DicomDataset().AddOrUpdate(DicomTag.FileSetID, "CD"), DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        Assert.True(DicomPeek.Read(file)!.IsDirectory);
    }
}
