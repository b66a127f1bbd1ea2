using System.Buffers;

namespace SecureStore.Dicom.Tests;

public class WriterTests
{
    private static string Hex(DicomDataset dataset, DicomTransferSyntax syntax, DicomSequenceLength sequences = DicomSequenceLength.Defined) =>
        Convert.ToHexString(DicomGen.Bytes(dataset, syntax, sequences));

    [Fact]
    public void Each_encoding_is_as_the_standard_shows()
    {
        var rows = new DicomDataset().AddOrUpdate(DicomTag.Rows, 512);
        Assert.Equal("28001000" + "02000000" + "0002", Hex(rows, DicomTransferSyntax.ImplicitVRLittleEndian));
        Assert.Equal("28001000" + "5553" + "0200" + "0002", Hex(rows, DicomTransferSyntax.ExplicitVRLittleEndian));
        Assert.Equal("00280010" + "5553" + "0002" + "0200", Hex(rows, DicomTransferSyntax.ExplicitVRBigEndian));
    }

    [Fact]
    public void Sequences_end_by_length_or_by_delimiter()
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.ReferencedImageSequence, new DicomDataset().AddOrUpdate(DicomTag.PatientID, "A"));
        Assert.Equal(
            "08004011" + "5351" + "0000" + "12000000" + "FEFF00E0" + "0A000000" + "10002000" + "4C4F" + "0200" + "4120",
            Hex(dataset, DicomTransferSyntax.ExplicitVRLittleEndian));
        Assert.Equal(
            "08004011" + "FFFFFFFF" + "FEFF00E0" + "FFFFFFFF" + "10002000" + "02000000" + "4120" + "FEFF0DE0" + "00000000"
            + "FEFFDDE0" + "00000000",
            Hex(dataset, DicomTransferSyntax.ImplicitVRLittleEndian, DicomSequenceLength.Undefined));
    }

    [Fact]
    public async Task A_value_too_long_for_its_VR_is_written_as_UN()
    {
        var image = DicomGen.Image().AddOrUpdate(DicomTag.ImageComments, new string('x', 70_000));
        var file = await DicomGen.Read(DicomGen.File(image), DicomReadOptions.KeepAll);
        Assert.Equal(DicomVR.UN, file.Dataset.Find(DicomTag.ImageComments)!.VR);
        Assert.Equal(70_000, Assert.IsType<DicomElement>(file.Dataset.Find(DicomTag.ImageComments)).Value.Length);
    }

    [Fact]
    public async Task Group_0002_is_complete()
    {
        var file = await DicomGen.Read(DicomGen.File(DicomGen.Image()));
        Assert.Equal("1.2.3.1", file.FileMeta.GetString(DicomTag.MediaStorageSOPInstanceUID));
        Assert.Equal("1.2.840.10008.5.1.4.1.1.7", file.FileMeta.GetString(DicomTag.MediaStorageSOPClassUID));
        Assert.Equal("1.2.840.10008.1.2.1", file.FileMeta.GetString(DicomTag.TransferSyntaxUID));
        Assert.True(DicomUID.IsValid(file.FileMeta.GetString(DicomTag.ImplementationClassUID)));
        var bytes = DicomGen.File(DicomGen.Image());
        var end = 128 + 4 + 12 + file.FileMeta.GetInt32(DicomTag.FileMetaInformationGroupLength);
        Assert.Equal(DicomGen.Bytes(DicomGen.Image()), bytes[end..]);
    }

    [Fact]
    public void A_value_that_is_not_in_memory_cannot_be_written()
    {
        var image = DicomGen.Image().AddOrUpdate(new DicomBulkItem(DicomTag.PixelData, DicomVR.OW, 0, 4));
        Assert.Throws<DicomDataException>(() =>
            DicomWriter.WriteDataset(new ArrayBufferWriter<byte>(), image, DicomTransferSyntax.ExplicitVRLittleEndian));
    }
}
