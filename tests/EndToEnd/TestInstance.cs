using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>Makes small DICOM files.</summary>
internal sealed record TestInstance
{
    public string Study { get; init; } = DicomUID.New();

    public string Series { get; init; } = DicomUID.New();

    public string Instance { get; init; } = DicomUID.New();

    public string PatientId { get; init; } = "P1";

    public string PatientName { get; init; } = "Test^Patient";

    public string Modality { get; init; } = "CT";

    public string StudyDate { get; init; } = "20260105";

    public string Description { get; init; } = "A study";

    public int Rows { get; init; } = 16;

    public int Columns { get; init; } = 16;

    public int Frames { get; init; } = 1;

    /// <summary>Number of Frames as it is written, where that is not <see cref="Frames"/>.</summary>
    public string? FramesText { get; init; }

    public int Seed { get; init; } = 1;

    public async Task<byte[]> FileAsync(DicomTransferSyntax? syntax = null)
    {
        var pixels = new byte[Rows * Columns * 2 * Frames];
        new Random(Seed).NextBytes(pixels);
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.2")
            .AddOrUpdate(DicomTag.SOPInstanceUID, Instance)
            .AddOrUpdate(DicomTag.StudyDate, StudyDate)
            .AddOrUpdate(DicomTag.Modality, Modality)
            .AddOrUpdate(DicomTag.StudyDescription, Description)
            .AddOrUpdate(DicomTag.PatientName, PatientName)
            .AddOrUpdate(DicomTag.PatientID, PatientId)
            .AddOrUpdate(DicomTag.StudyInstanceUID, Study)
            .AddOrUpdate(DicomTag.SeriesInstanceUID, Series)
            .AddOrUpdate(DicomTag.InstanceNumber, "1")
            .AddOrUpdate(DicomTag.SamplesPerPixel, 1L)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
            .AddOrUpdate(DicomTag.NumberOfFrames, FramesText ?? Frames.ToString())
            .AddOrUpdate(DicomTag.Rows, (long)Rows)
            .AddOrUpdate(DicomTag.Columns, (long)Columns)
            .AddOrUpdate(DicomTag.BitsAllocated, 16L)
            .AddOrUpdate(DicomTag.BitsStored, 16L)
            .AddOrUpdate(DicomTag.HighBit, 15L)
            .AddOrUpdate(DicomTag.PixelRepresentation, 0L)
            .AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, pixels));
        using var file = new MemoryStream();
        await new DicomFile(new DicomDataset(), dataset, syntax ?? DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
        return file.ToArray();
    }
}
