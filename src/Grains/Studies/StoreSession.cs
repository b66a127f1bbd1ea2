using System.Buffers;
using Microsoft.Extensions.Logging;
using SecureStore.Dicom;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStoreSession"/>
internal sealed class StoreSession(StudyStore store, string token, string? onlyStudy, string? address) : IStoreSession
{
    private static readonly DicomTag AfterSeriesUid = new(0x0020, 0x000F);
    private static readonly DicomTag PixelDataGroup = new(0x7FE0, 0x0000);

    private readonly Dictionary<(string Study, PatientIdentity Patient), StoreLane> lanes = [];
    private readonly List<(StoreLane Lane, StoreResult Result)> received = [];

    public async ValueTask<StoreResult> ReceiveAsync(Stream source, CancellationToken cancellation)
    {
        using var objectKey = SecretKey.Generate();
        await using var sink = new SealedSink(store.Objects, store.Options.WriteBuffer);
        await using var passing = new SealingStream(source, sink, objectKey, store.Vault.ServiceKey(ServiceKeyName.DataSetMac));
        await using var reader = new DicomStreamReader(passing);
        var names = new StoreResult(StoreStatus.CannotUnderstand);
        try
        {
            await reader.OpenAsync(cancellation);
            passing.DataSetOffset = reader.DatasetOffset;
            var more = await reader.ReadUntilAsync(AfterSeriesUid, cancellation);
            if (more && !HasUids(reader.Dataset))
            {
                await reader.ReadUntilAsync(PixelDataGroup, cancellation);
            }

            names = Names(reader);
            if (Refusal(names) is { } refused)
            {
                return refused;
            }

            var patient = PatientOf(reader.Dataset, names.StudyInstanceUid!);
            var lane = await LaneAsync(names.StudyInstanceUid!, patient, cancellation);
            if (lane.Verdict != StoreVerdict.Granted)
            {
                return names with { Status = StatusOf(lane.Verdict) };
            }

            sink.Study = lane.Study;
            await reader.ReadToEndAsync(cancellation);

            // What was decided on must still be so at the end: elements may come out of order.
            if (Names(reader) != names || PatientOf(reader.Dataset, names.StudyInstanceUid!) != patient)
            {
                return names with { Reason = "What the data set says of itself changes on the way." };
            }

            await FinishAsync(reader, passing, sink, objectKey, lane, names, patient, cancellation);
            var result = names with { Status = StoreStatus.Received };
            received.Add((lane, result));
            return result;
        }
        catch (DicomDataException malformed)
        {
            return names with { Status = StoreStatus.CannotUnderstand, Reason = malformed.Message };
        }
    }

    public async ValueTask<IReadOnlyList<StoreResult>> CommitAsync(CancellationToken cancellation)
    {
        var commits = received.Select(one => one.Lane).Distinct().ToDictionary(lane => lane, lane => CommitAsync(lane, cancellation));
        await Task.WhenAll(commits.Values);
        var next = commits.Keys.ToDictionary(lane => lane, _ => 0);
        var results = new List<StoreResult>(received.Count);
        foreach (var (lane, result) in received)
        {
            var outcomes = await commits[lane];
            results.Add(result with { Status = outcomes is null ? StoreStatus.Unavailable : StatusOf(outcomes[next[lane]++]) });
        }

        received.Clear();
        return results;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in lanes.Values)
        {
            try
            {
                await lane.DisposeAsync();
            }
            catch (Exception failure)
            {
                store.Logger.LogWarning("A store lease on study {Study} was not ended: {Reason}.", lane.Study, failure.GetType().Name);
            }
        }
    }

    private async Task<IReadOnlyList<CommitOutcome>?> CommitAsync(StoreLane lane, CancellationToken cancellation)
    {
        try
        {
            return await lane.CommitAsync(store.Objects, cancellation);
        }
        catch (Exception failure)
        {
            // Whatever it is, it is this lane's: the others are committed or not by themselves.
            store.Logger.LogWarning("Study {Study} was not committed: {Reason}.", lane.Study, failure.GetType().Name);
            return null;
        }
    }

    private async ValueTask<StoreLane> LaneAsync(string study, PatientIdentity patient, CancellationToken cancellation)
    {
        if (!lanes.TryGetValue((study, patient), out var lane))
        {
            try
            {
                lane = await StoreLane.OpenAsync(store, token, address, study, patient, cancellation);
            }
            catch (Exception failure) when (failure is OrleansException or TimeoutException)
            {
                throw new StorageUnavailableException("The study does not answer.", failure);
            }

            lanes.Add((study, patient), lane);
        }

        return lane;
    }

    private async ValueTask FinishAsync(
        DicomStreamReader reader, SealingStream passing, SealedSink sink, SecretKey objectKey, StoreLane lane, StoreResult names,
        PatientIdentity patient, CancellationToken cancellation)
    {
        var length = passing.Length;
        var mac = await passing.EndAsync(cancellation);
        var json = new ArrayBufferWriter<byte>(16 * 1024);
        var splices = new List<int>();
        DicomJson.Write(json, reader.Dataset, splices);
        var metadataAt = await sink.SealAsync(objectKey, ObjectPart.Metadata, json.WrittenMemory, cancellation);
        var metadataLength = json.WrittenCount;
        var (frames, table) = FrameTable.Of(reader.Dataset, reader.PixelData);
        var tableAt = table.IsEmpty ? 0 : await sink.SealAsync(objectKey, ObjectPart.FrameTable, table, cancellation);
        var attributes = new InstanceAttributes(reader.Dataset);
        var attributesMac = attributes.Mac(store.Vault.ServiceKey(ServiceKeyName.DataSetMac));
        var (ofStudy, ofSeries, ofInstance) = (attributes.Study(), attributes.Series(), attributes.Instance());
        var (segment, offset, isDurable) = await sink.EndAsync(cancellation);
        lane.Add(
            new InstanceCommit
            {
                Record = new InstanceRecord
                {
                    SopClassUid = names.SopClassUid ?? "",
                    SopInstanceUid = names.SopInstanceUid!,
                    SeriesInstanceUid = names.SeriesInstanceUid!,
                    TransferSyntaxUid = reader.TransferSyntaxUID,
                    Object = new SealedPart(segment, offset, length),
                    Metadata = new SealedPart(segment, offset + metadataAt, metadataLength),
                    MetadataSplices = splices,
                    Frames = frames is null || table.IsEmpty
                        ? frames
                        : frames with { Table = new SealedPart(segment, offset + tableAt, table.Length) },
                    WrappedKey = lane.Wrap(store.Vault.MacOfUid(names.SopInstanceUid!), objectKey),
                    DataSetMac = mac.ToArray(),
                    AttributesMac = attributesMac.ToArray(),
                    Attributes = ofInstance,
                    Received = store.Time.GetUtcNow(),
                    OffsetsAreInflated = reader.OffsetsAreInflated,
                    DataSetOffset = reader.DatasetOffset,
                },
                Patient = patient,
                StudyDate = reader.Dataset.GetString(DicomTag.StudyDate),
                Modality = reader.Dataset.GetString(DicomTag.Modality) ?? "",
                StudyAttributes = ofStudy,
                SeriesAttributes = ofSeries,
            },
            isDurable ? null : segment);
    }

    private static bool HasUids(DicomDataset dataset) =>
        dataset.Contains(DicomTag.StudyInstanceUID) && dataset.Contains(DicomTag.SeriesInstanceUID) && dataset.Contains(DicomTag.SOPInstanceUID);

    private static StoreResult Names(DicomStreamReader reader) => new(
        StoreStatus.CannotUnderstand,
        reader.Dataset.GetString(DicomTag.SOPClassUID) ?? reader.FileMeta.GetString(DicomTag.MediaStorageSOPClassUID),
        reader.Dataset.GetString(DicomTag.SOPInstanceUID),
        reader.Dataset.GetString(DicomTag.StudyInstanceUID),
        reader.Dataset.GetString(DicomTag.SeriesInstanceUID));

    private StoreResult? Refusal(StoreResult names)
    {
        foreach (var (uid, name) in new[]
                 {
                     (names.StudyInstanceUid, "Study"), (names.SeriesInstanceUid, "Series"), (names.SopInstanceUid, "SOP"),
                 })
        {
            if (uid is null || !DicomUID.IsValid(uid, allowLeadingZeros: true))
            {
                return names with { Status = StoreStatus.MissingUid, Reason = $"The {name} Instance UID is missing or malformed." };
            }
        }

        return onlyStudy is null || names.StudyInstanceUid == onlyStudy
            ? null
            : names with { Status = StoreStatus.OtherStudy, Reason = "The instance belongs to another study than the request names." };
    }

    private static PatientIdentity PatientOf(DicomDataset dataset, string studyInstanceUid) =>
        dataset.GetString(DicomTag.PatientID) is { Length: > 0 } id
            ? new PatientIdentity(dataset.GetString(DicomTag.IssuerOfPatientID) ?? "", id)
            : PatientIdentity.ForStudyAlone(studyInstanceUid);

    private static StoreStatus StatusOf(StoreVerdict verdict) => verdict switch
    {
        StoreVerdict.Granted => StoreStatus.Received,
        StoreVerdict.Unauthorized => StoreStatus.Unauthorized,
        StoreVerdict.Destroyed => StoreStatus.StudyDestroyed,
        StoreVerdict.PatientMismatch => StoreStatus.PatientMismatch,
        _ => StoreStatus.Forbidden,
    };

    private static StoreStatus StatusOf(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Stored => StoreStatus.Stored,
        CommitOutcome.StoredWithPatientMismatch => StoreStatus.StoredWithPatientMismatch,
        CommitOutcome.Duplicate => StoreStatus.Duplicate,
        CommitOutcome.DuplicateInOtherTransferSyntax => StoreStatus.DuplicateInOtherTransferSyntax,
        CommitOutcome.Conflict => StoreStatus.Conflict,
        CommitOutcome.Unauthorized => StoreStatus.Unauthorized,
        CommitOutcome.Destroyed => StoreStatus.StudyDestroyed,
        _ => StoreStatus.Unavailable,
    };
}
