using SecureStore.Dicom;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Makes small DICOM files.</summary>
internal sealed record Instance
{
    public string Study { get; init; } = DicomUID.New();

    public string Series { get; init; } = DicomUID.New();

    public string Uid { get; init; } = DicomUID.New();

    public string PatientId { get; init; } = "P1";

    public string Modality { get; init; } = "CT";

    public string StudyDate { get; init; } = "20291201";

    public int PixelBytes { get; init; } = 512;

    public int Seed { get; init; } = 1;

    public string Implementation { get; init; } = "1.2.3";

    private int Columns => PixelBytes < 100_000 ? 1 : 1000;

    public byte[] File(DicomTransferSyntax? syntax = null)
    {
        var pixels = new byte[PixelBytes];
        new Random(Seed).NextBytes(pixels);
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.2")
            .AddOrUpdate(DicomTag.SOPInstanceUID, Uid)
            .AddOrUpdate(DicomTag.StudyDate, StudyDate)
            .AddOrUpdate(DicomTag.Modality, Modality)
            .AddOrUpdate(DicomTag.PatientID, PatientId)
            .AddOrUpdate(DicomTag.StudyInstanceUID, Study)
            .AddOrUpdate(DicomTag.SeriesInstanceUID, Series)
            .AddOrUpdate(DicomTag.SamplesPerPixel, 1L)
            .AddOrUpdate(DicomTag.Rows, (long)PixelBytes / 2 / Columns)
            .AddOrUpdate(DicomTag.Columns, (long)Columns)
            .AddOrUpdate(DicomTag.BitsAllocated, 16L)
            .AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, pixels));
        var meta = new DicomDataset().AddOrUpdate(DicomTag.ImplementationClassUID, Implementation);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        DicomWriter.WriteFile(output, meta, dataset, syntax ?? DicomTransferSyntax.ExplicitVRLittleEndian);
        return output.WrittenSpan.ToArray();
    }
}
