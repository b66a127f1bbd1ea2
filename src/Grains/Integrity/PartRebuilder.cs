using SecureStore.Dicom;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>Makes metadata and frame table of an instance anew, as the store pass made them, and has them durable.</summary>
internal sealed class PartRebuilder(IObjectStore objects, StudyOptions options)
{
    /// <summary>From the file, which is whole.</summary>
    /// <returns>The record with its new parts; null where the file is no DICOM after all.</returns>
    /// <exception cref="SealedObjectException">The file is damaged.</exception>
    public async ValueTask<InstanceRecord?> FromFileAsync(
        StudyHandle study, InstanceRecord record, SecretKey objectKey, CancellationToken cancellation)
    {
        using var part = await SealedPartReader.OpenAsync(objects, study, record.Object, ObjectPart.File, objectKey, cancellation);
        await using var file = new SealedPartStream(part, record.Object.Length);
        await using var reader = new DicomStreamReader(file);
        try
        {
            await reader.OpenAsync(cancellation);
            await reader.ReadToEndAsync(cancellation);
        }
        catch (DicomDataException)
        {
            return null;
        }

        return await SealAsync(study, record, objectKey, reader.Dataset, reader.PixelData, cancellation);
    }

    /// <summary>From what the catalog has of an instance whose bytes are lost: enough to list it.</summary>
    public async ValueTask<InstanceRecord> FromCatalogAsync(
        StudyHandle study, InstanceRecord record, string? studyInstanceUid, SecretKey objectKey, CancellationToken cancellation)
    {
        var dataset = DicomJson.Read(record.Attributes)
            .AddOrUpdate(DicomTag.SOPClassUID, record.SopClassUid)
            .AddOrUpdate(DicomTag.SOPInstanceUID, record.SopInstanceUid)
            .AddOrUpdate(DicomTag.SeriesInstanceUID, record.SeriesInstanceUid);
        if (studyInstanceUid is not null)
        {
            dataset.AddOrUpdate(DicomTag.StudyInstanceUID, studyInstanceUid);
        }

        return await SealAsync(study, record, objectKey, dataset, null, cancellation) with { Frames = record.Frames };
    }

    private async ValueTask<InstanceRecord> SealAsync(
        StudyHandle study, InstanceRecord record, SecretKey objectKey, DicomDataset dataset, DicomPixelLayout? pixels,
        CancellationToken cancellation)
    {
        await using var sink = new SealedSink(objects, options.WriteBuffer) { Study = study };
        var parts = await DerivedParts.SealAsync(sink, objectKey, dataset, pixels, cancellation);
        var (segment, offset, isDurable) = await sink.EndAsync(cancellation);
        if (!isDurable)
        {
            await objects.FlushAsync(study, [segment], cancellation);
        }

        var rebuilt = parts.PlaceIn(record, segment, offset);
        return await PartCheck.IsWholeAsync(objects, study, rebuilt.Metadata, ObjectPart.Metadata, objectKey, static _ => default, cancellation)
            ? rebuilt
            : throw new StorageUnavailableException("What was written cannot be read back.");
    }
}
