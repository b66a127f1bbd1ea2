using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SecureStore.Dicom;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStoreSession"/>
internal sealed class StoreSession(StudyStore store, string token, string? onlyStudy, string? address, string patientIdIssuer, bool oneByOne) : IStoreSession
{
    private readonly Dictionary<(string Study, PatientIdentity Patient), StoreLane> lanes = [];
    private readonly List<Arrival> received = [];

    /// <summary>The instance that came last, on its way into the store while the next one is read.</summary>
    private Task finishing = Task.CompletedTask;

    public async ValueTask<StoreResult> ReceiveAsync(Stream source, CancellationToken cancellation)
    {
        var incoming = new IncomingInstance(store, source, patientIdIssuer);
        try
        {
            var (result, lane) = await ReadAsync(incoming, cancellation);
            var last = finishing;
            finishing = Task.CompletedTask;
            await last;
            if (lane is not null)
            {
                var arrival = new Arrival(lane, result);
                received.Add(arrival);
                finishing = FinishAsync(incoming, arrival);
                incoming = null;
            }
            else
            {
                RefusalMetrics.Store(result.Status);
            }

            return result;
        }
        finally
        {
            if (incoming is not null)
            {
                await incoming.DisposeAsync();
            }
        }
    }

    public async ValueTask<IReadOnlyList<StoreResult>> CommitAsync(CancellationToken cancellation)
    {
        await FinishedAsync();
        var commits = received.Select(one => one.Lane).Distinct().ToDictionary(lane => lane, lane => CommitAsync(lane, cancellation));
        await Task.WhenAll(commits.Values);
        var next = commits.Keys.ToDictionary(lane => lane, _ => 0);
        var results = new List<StoreResult>(received.Count);
        foreach (var (lane, result, bytes) in received.Select(one => (one.Lane, one.Result, one.Bytes)))
        {
            var outcomes = await commits[lane];
            var ended = result.Status != StoreStatus.Received
                ? result
                : result with { Status = outcomes is null ? StoreStatus.Unavailable : StatusOf(outcomes[next[lane]++]) };
            StoreMetrics.Ended(ended.Status, bytes);
            results.Add(ended);
        }

        received.Clear();
        return results;
    }

    public async ValueTask DisposeAsync()
    {
        await FinishedAsync();
        foreach (var lane in lanes.Values)
        {
            await EndAsync(lane);
        }
    }

    private async ValueTask EndAsync(StoreLane lane)
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

    /// <summary>Reads an instance to its end.</summary>
    /// <returns>What is known of it, and its lane, or null where it is refused.</returns>
    private async ValueTask<(StoreResult Result, StoreLane? Lane)> ReadAsync(IncomingInstance incoming, CancellationToken cancellation)
    {
        var names = new StoreResult(StoreStatus.CannotUnderstand);
        try
        {
            names = await incoming.ReadNamesAsync(cancellation);
            if (Refusal(names) is { } refused)
            {
                return (refused, null);
            }

            var patient = incoming.Patient;
            var lane = await LaneAsync(names.StudyInstanceUid!, patient, cancellation);
            if (lane.Verdict != StoreVerdict.Granted)
            {
                return (names with { Status = StatusOf(lane.Verdict) }, null);
            }

            await incoming.ReadToEndAsync(lane.Study, cancellation);

            // What was decided on must still be so at the end: elements may come out of order.
            return incoming.Names == names && incoming.Patient == patient
                ? (names with { Status = StoreStatus.Received, Modality = incoming.Modality }, lane)
                : (names with { Reason = "What the data set says of itself changes on the way." }, null);
        }
        catch (DicomDataException malformed)
        {
            return (names with { Status = StoreStatus.CannotUnderstand, Reason = malformed.Message }, null);
        }
    }

    /// <summary>Whatever comes of it is in the arrival's result; where storage fails, the next instance is not taken, either.</summary>
    private async Task FinishAsync(IncomingInstance incoming, Arrival arrival)
    {
        if (!oneByOne)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        StoreMetrics.Finishing.Add(1);
        await using (incoming)
        {
            try
            {
                var commit = await incoming.FinishAsync(arrival.Lane);
                arrival.Bytes = commit.Record.Object.Length;
                arrival.Lane.Add(commit, incoming.Unflushed);
            }
            catch (DicomDataException malformed)
            {
                arrival.Result = arrival.Result with { Status = StoreStatus.CannotUnderstand, Reason = malformed.Message };
            }
            catch (Exception failure)
            {
                store.Logger.LogWarning("An instance of study {Study} was not stored: {Reason}.", arrival.Lane.Study, failure.GetType().Name);
                arrival.Result = arrival.Result with { Status = StoreStatus.Unavailable };
                throw;
            }
            finally
            {
                StoreMetrics.Finishing.Add(-1);
            }
        }
    }

    private async Task FinishedAsync() => await finishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<IReadOnlyList<CommitOutcome>?> CommitAsync(StoreLane lane, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var outcomes = await lane.CommitAsync(store.Objects, cancellation);
            StoreMetrics.Commit.RecordSince(started);
            return outcomes;
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
        if (lanes.TryGetValue((study, patient), out var lane) && lane.IsSpoilt)
        {
            lanes.Remove((study, patient));
            await EndAsync(lane);
            lane = null;
        }

        if (lane is null)
        {
            try
            {
                lane = await StoreLane.OpenAsync(store, token, address, study, patient, cancellation);
            }
            catch (Exception failure) when (UnansweredCall.Is(failure))
            {
                throw new StorageUnavailableException("The study does not answer.", failure);
            }

            lanes.Add((study, patient), lane);
        }

        return lane;
    }

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

    /// <summary>An instance that was read whole. Its result says <see cref="StoreStatus.Received"/> unless its last steps failed.</summary>
    private sealed class Arrival(StoreLane lane, StoreResult result)
    {
        public StoreLane Lane => lane;

        public StoreResult Result { get; set; } = result;

        /// <summary>Length of its file, once it is with the object store.</summary>
        public long Bytes { get; set; }
    }
}
