using System.Buffers.Binary;
using System.Globalization;
using SecureStore.Dicom;

namespace SecureStore.Bench;

/// <summary>A CT instance in memory: the file up to its pixels, and the pixels of each of its frames.</summary>
internal sealed record CtInstance(byte[] Header, byte[] Frame, int Frames)
{
    public const int Rows = 512;

    public const int Columns = 512;

    public const int FrameBytes = Rows * Columns * 2;

    /// <summary>Length of the file in bytes.</summary>
    public long Length => Header.Length + (long)Frames * Frame.Length;

    /// <summary>12 bits of noise a pixel, as a scanner's: hardly compressible.</summary>
    public static byte[] Noise(int seed)
    {
        var pixels = new byte[FrameBytes];
        new Random(seed).NextBytes(pixels);
        for (var high = 1; high < pixels.Length; high += 2)
        {
            pixels[high] &= 0x0F;
        }

        return pixels;
    }

    /// <param name="number">Instance Number, from 1.</param>
    public static async Task<CtInstance> CreateAsync(string study, string series, string instance, int number, byte[] frame, int frames = 1, string patient = "BENCH-1")
    {
        var pixels = new DicomElement(DicomTag.PixelData, DicomVR.OW, new byte[2]);
        var dataset = Attributes(study, series, instance, number, frames).AddOrUpdate(DicomTag.PatientID, patient).AddOrUpdate(pixels);
        using var file = new MemoryStream();
        await new DicomFile(new DicomDataset(), dataset, DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
        var header = file.ToArray()[..^2];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(header.Length - 4), checked((uint)((long)frames * frame.Length)));
        return new CtInstance(header, frame, frames);
    }

    private static DicomDataset Attributes(string study, string series, string instance, int number, int frames)
    {
        var position = (number * 0.625).ToString("0.000", CultureInfo.InvariantCulture);
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 100")
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL\\PRIMARY\\AXIAL")
            .AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.2")
            .AddOrUpdate(DicomTag.SOPInstanceUID, instance)
            .AddOrUpdate(DicomTag.StudyDate, "20260105")
            .AddOrUpdate(DicomTag.SeriesDate, "20260105")
            .AddOrUpdate(DicomTag.AcquisitionDate, "20260105")
            .AddOrUpdate(DicomTag.ContentDate, "20260105")
            .AddOrUpdate(DicomTag.StudyTime, "101500")
            .AddOrUpdate(DicomTag.SeriesTime, "101730")
            .AddOrUpdate(DicomTag.AccessionNumber, "A20260105")
            .AddOrUpdate(DicomTag.Modality, "CT")
            .AddOrUpdate(DicomTag.Manufacturer, "Bench")
            .AddOrUpdate(DicomTag.InstitutionName, "General Hospital")
            .AddOrUpdate(DicomTag.ReferringPhysicianName, "Referrer^Robin")
            .AddOrUpdate(DicomTag.StationName, "CT01")
            .AddOrUpdate(DicomTag.StudyDescription, "CT thorax with contrast")
            .AddOrUpdate(DicomTag.SeriesDescription, "Thorax 0.625 soft")
            .AddOrUpdate(DicomTag.ManufacturerModelName, "Scanner 64")
            .AddOrUpdate(DicomTag.PatientName, "Bench^Patient")
            .AddOrUpdate(DicomTag.PatientID, "BENCH-1")
            .AddOrUpdate(DicomTag.PatientBirthDate, "19600229")
            .AddOrUpdate(DicomTag.PatientSex, "O")
            .AddOrUpdate(DicomTag.PatientAge, "065Y")
            .AddOrUpdate(DicomTag.BodyPartExamined, "CHEST")
            .AddOrUpdate(DicomTag.SliceThickness, "0.625")
            .AddOrUpdate(DicomTag.KVP, "120")
            .AddOrUpdate(DicomTag.DataCollectionDiameter, "500")
            .AddOrUpdate(DicomTag.SoftwareVersions, "1.0")
            .AddOrUpdate(DicomTag.ProtocolName, "Thorax")
            .AddOrUpdate(DicomTag.ReconstructionDiameter, "360")
            .AddOrUpdate(DicomTag.GantryDetectorTilt, "0")
            .AddOrUpdate(DicomTag.TableHeight, "152.5")
            .AddOrUpdate(DicomTag.RotationDirection, "CW")
            .AddOrUpdate(DicomTag.ExposureTime, "500")
            .AddOrUpdate(DicomTag.XRayTubeCurrent, "220")
            .AddOrUpdate(DicomTag.Exposure, "110")
            .AddOrUpdate(DicomTag.ConvolutionKernel, "SOFT")
            .AddOrUpdate(DicomTag.PatientPosition, "FFS")
            .AddOrUpdate(DicomTag.StudyInstanceUID, study)
            .AddOrUpdate(DicomTag.SeriesInstanceUID, series)
            .AddOrUpdate(DicomTag.StudyID, "1")
            .AddOrUpdate(DicomTag.SeriesNumber, "2")
            .AddOrUpdate(DicomTag.AcquisitionNumber, "1")
            .AddOrUpdate(DicomTag.InstanceNumber, number.ToString(CultureInfo.InvariantCulture))
            .AddOrUpdate(DicomTag.ImagePositionPatient, $"-180\\-180\\{position}")
            .AddOrUpdate(DicomTag.ImageOrientationPatient, "1\\0\\0\\0\\1\\0")
            .AddOrUpdate(DicomTag.FrameOfReferenceUID, study + ".9")
            .AddOrUpdate(DicomTag.SliceLocation, position)
            .AddOrUpdate(DicomTag.SamplesPerPixel, 1L)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
            .AddOrUpdate(DicomTag.Rows, (long)Rows)
            .AddOrUpdate(DicomTag.Columns, (long)Columns)
            .AddOrUpdate(DicomTag.PixelSpacing, "0.703125\\0.703125")
            .AddOrUpdate(DicomTag.BitsAllocated, 16L)
            .AddOrUpdate(DicomTag.BitsStored, 12L)
            .AddOrUpdate(DicomTag.HighBit, 11L)
            .AddOrUpdate(DicomTag.PixelRepresentation, 0L)
            .AddOrUpdate(DicomTag.WindowCenter, "40")
            .AddOrUpdate(DicomTag.WindowWidth, "400")
            .AddOrUpdate(DicomTag.RescaleIntercept, "-1024")
            .AddOrUpdate(DicomTag.RescaleSlope, "1");
        return frames == 1 ? dataset : dataset.AddOrUpdate(DicomTag.NumberOfFrames, frames.ToString(CultureInfo.InvariantCulture));
    }
}
