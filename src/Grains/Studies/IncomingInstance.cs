using SecureStore.Dicom;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// One instance on its way in: read once, and sealed while it is read. First its names, then the rest, then what readers will ask for
/// goes behind it, and all to the object store.
/// </summary>
internal sealed class IncomingInstance : IAsyncDisposable
{
    private static readonly DicomTag AfterSeriesUid = new(0x0020, 0x000F);
    private static readonly DicomTag PixelDataGroup = new(0x7FE0, 0x0000);

    private readonly StudyStore store;
    private readonly string patientIdIssuer;
    private readonly SecretKey objectKey = SecretKey.Generate();
    private readonly SealedSink sink;
    private readonly SealingStream passing;
    private readonly DicomStreamReader reader;

    public IncomingInstance(StudyStore store, Stream source, string patientIdIssuer)
    {
        (this.store, this.patientIdIssuer) = (store, patientIdIssuer);
        sink = new SealedSink(store.Objects, store.Options.WriteBuffer);
        passing = new SealingStream(source, sink, objectKey, store.Vault.ServiceKey(ServiceKeyName.DataSetMac));
        reader = new DicomStreamReader(passing);
    }

    /// <summary>The UIDs as far as they have been read.</summary>
    public StoreResult Names => new(
        StoreStatus.CannotUnderstand,
        reader.Dataset.GetString(DicomTag.SOPClassUID) ?? reader.FileMeta.GetString(DicomTag.MediaStorageSOPClassUID),
        reader.Dataset.GetString(DicomTag.SOPInstanceUID),
        reader.Dataset.GetString(DicomTag.StudyInstanceUID),
        reader.Dataset.GetString(DicomTag.SeriesInstanceUID));

    /// <summary>Modality (0008,0060) as far as has been read; empty where there is none.</summary>
    public string Modality => reader.Dataset.GetString(DicomTag.Modality) ?? "";

    /// <summary>The patient, once the names have been read and there is a study.</summary>
    public PatientIdentity Patient =>
        reader.Dataset.GetString(DicomTag.PatientID) is { Length: > 0 } id
            ? new PatientIdentity(reader.Dataset.GetString(DicomTag.IssuerOfPatientID) ?? patientIdIssuer, id)
            : PatientIdentity.ForStudyAlone(reader.Dataset.GetString(DicomTag.StudyInstanceUID)!);

    /// <summary>The segment that has to be flushed before the instance is durable, or null. To be asked once it is finished.</summary>
    public SegmentId? Unflushed { get; private set; }

    /// <exception cref="DicomDataException">It is no DICOM.</exception>
    public async ValueTask<StoreResult> ReadNamesAsync(CancellationToken cancellation)
    {
        await reader.OpenAsync(cancellation);
        passing.DataSetOffset = reader.DatasetOffset;
        var more = await reader.ReadUntilAsync(AfterSeriesUid, cancellation);
        if (more && !HasUids(reader.Dataset))
        {
            await reader.ReadUntilAsync(PixelDataGroup, cancellation);
        }

        return Names;
    }

    /// <exception cref="DicomDataException">It is no DICOM.</exception>
    public async ValueTask ReadToEndAsync(StudyHandle study, CancellationToken cancellation)
    {
        sink.Study = study;
        await reader.ReadToEndAsync(cancellation);
    }

    /// <summary>Seals what is left, and the metadata and the frame table, and hands it all to the object store. It is not stopped halfway.</summary>
    /// <exception cref="StorageUnavailableException">Storage fails for now.</exception>
    public async ValueTask<InstanceCommit> FinishAsync(StoreLane lane)
    {
        var cancellation = CancellationToken.None;
        var names = Names;
        var length = passing.Length;
        var mac = await passing.EndAsync(cancellation);
        var derived = await DerivedParts.SealAsync(sink, objectKey, reader.Dataset, reader.PixelData, cancellation);
        var attributes = new InstanceAttributes(reader.Dataset, derived.Metadata.Json, derived.Metadata.Elements);
        var attributesMac = attributes.Mac(store.Vault.ServiceKey(ServiceKeyName.DataSetMac));
        var (ofStudy, ofSeries, ofInstance) = (attributes.Study(), attributes.Series(), attributes.Instance());
        var (segment, offset, isDurable) = await sink.EndAsync(cancellation);
        Unflushed = isDurable ? null : segment;
        var file = new SealedPart(segment, offset, length);
        var record = new InstanceRecord
        {
            SopClassUid = names.SopClassUid ?? "",
            SopInstanceUid = names.SopInstanceUid!,
            SeriesInstanceUid = names.SeriesInstanceUid!,
            TransferSyntaxUid = reader.TransferSyntaxUID,
            Object = file,
            Metadata = file,
            WrappedKey = lane.Wrap(store.Vault.MacOfUid(names.SopInstanceUid!), objectKey),
            DataSetMac = mac.ToArray(),
            AttributesMac = attributesMac.ToArray(),
            Attributes = ofInstance,
            Received = store.Time.GetUtcNow(),
            OffsetsAreInflated = reader.OffsetsAreInflated,
            DataSetOffset = reader.DatasetOffset,
        };
        return new InstanceCommit
        {
            Record = derived.PlaceIn(record, segment, offset),
            Patient = Patient,
            StudyDate = reader.Dataset.GetString(DicomTag.StudyDate),
            Modality = Modality,
            StudyAttributes = ofStudy,
            SeriesAttributes = ofSeries,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await passing.DisposeAsync();
        await sink.DisposeAsync();
        objectKey.Dispose();
    }

    private static bool HasUids(DicomDataset dataset) =>
        dataset.Contains(DicomTag.StudyInstanceUID) && dataset.Contains(DicomTag.SeriesInstanceUID) && dataset.Contains(DicomTag.SOPInstanceUID);
}
