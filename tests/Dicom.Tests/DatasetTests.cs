using CsCheck;

namespace SecureStore.Dicom.Tests;

public class DatasetTests
{
    private static readonly DicomTag Private = new(0x0009, 0x1001);

    [Fact]
    public void Items_stand_in_the_order_of_their_tags_whatever_order_they_came_in() =>
        Gen.Int[0, 50].Array[0, 40].Sample(numbers =>
        {
            var dataset = new DicomDataset();
            foreach (var number in numbers)
            {
                dataset.AddOrUpdate(new DicomElement(new(0x0009, (ushort)number), DicomVR.LO, new byte[] { (byte)number, 0 }));
            }

            Assert.Equal(numbers.Distinct().Order(), dataset.Select(item => (int)item.Tag.Element));
            Assert.Equal(numbers.Distinct().Count(), dataset.Count);
        });

    [Fact]
    public void Padding_is_no_part_of_a_value()
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.PatientID, " P1 ")
            .AddOrUpdate(DicomTag.StudyInstanceUID, "1.2.3")
            .AddOrUpdate(DicomTag.ImageComments, "  indented  ")
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL ", " PRIMARY", "");
        Assert.Equal("P1", dataset.GetString(DicomTag.PatientID));
        Assert.Equal("1.2.3", dataset.GetString(DicomTag.StudyInstanceUID));
        Assert.Equal("  indented", dataset.GetString(DicomTag.ImageComments));
        Assert.Equal(["ORIGINAL", "PRIMARY", ""], dataset.GetStrings(DicomTag.ImageType));
    }

    [Fact]
    public void Absent_empty_and_unreadable_are_null()
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.PatientID)
            .AddOrUpdate(DicomTag.AccessionNumber, "  ")
            .AddOrUpdate(new DicomElement(Private, DicomVR.UN, new byte[] { 65, 66 }))
            .AddOrUpdate(new DicomBulkItem(DicomTag.PixelData, DicomVR.OW, 0, 2));
        foreach (var tag in new[] { DicomTag.PatientName, DicomTag.PatientID, DicomTag.AccessionNumber, Private, DicomTag.PixelData })
        {
            Assert.Null(dataset.GetString(tag));
            Assert.Empty(dataset.GetStrings(tag));
        }
    }

    [Fact]
    public void Numbers_are_read_from_text_and_binary()
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.Rows, 65535)
            .AddOrUpdate(DicomTag.NumberOfFrames, 12)
            .AddOrUpdate(DicomTag.SliceThickness, 2.5)
            .AddOrUpdate(DicomTag.SimpleFrameList, 1, uint.MaxValue)
            .AddOrUpdate(DicomTag.FrameIncrementPointer, "00181063");
        Assert.Equal(65535, dataset.GetInt32(DicomTag.Rows));
        Assert.Equal(12, dataset.GetInt32(DicomTag.NumberOfFrames));
        Assert.True(dataset.TryGetDouble(DicomTag.SliceThickness, out var thickness));
        Assert.Equal(2.5, thickness);
        Assert.Equal(1, dataset.GetInt32(DicomTag.SimpleFrameList));
        Assert.False(dataset.TryGetInt32(DicomTag.SimpleFrameList, out _, index: 1));
        Assert.False(dataset.TryGetInt32(DicomTag.SimpleFrameList, out _, index: 2));
        Assert.Equal("00181063", dataset.GetString(DicomTag.FrameIncrementPointer));
        Assert.Throws<DicomDataException>(() => dataset.GetInt32(DicomTag.SliceThickness));
        Assert.Throws<DicomDataException>(() => dataset.GetInt32(DicomTag.Columns));
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(-1)]
    public void A_number_that_does_not_fit_is_refused(long number) =>
        Assert.Throws<DicomDataException>(() => new DicomDataset().AddOrUpdate(DicomTag.Rows, number));

    [Fact]
    public void Updates_replace_and_removal_removes()
    {
        var dataset = DicomGen.Image().AddOrUpdate(DicomTag.PatientID, "P2");
        Assert.Equal("P2", dataset.GetString(DicomTag.PatientID));
        Assert.Equal(6, dataset.Count);
        Assert.True(dataset.Remove(DicomTag.PatientID));
        Assert.False(dataset.Remove(DicomTag.PatientID));
        Assert.False(dataset.Contains(DicomTag.PatientID));
    }
}
