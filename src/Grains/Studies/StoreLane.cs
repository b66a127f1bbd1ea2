using System.Diagnostics;
using System.Security.Cryptography;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>A session's way into one study for one patient: the lease, the open study key, and what waits for its commit.</summary>
internal sealed class StoreLane : IAsyncDisposable
{
    private readonly HashSet<SegmentId> unflushed = [];
    private readonly List<InstanceCommit> waiting = [];
    private readonly StudyStore? store;
    private readonly IStudyGrain? grain;
    private readonly StoreRequest? request;
    private readonly SecretKey? studyKey;
    private Guid lease;

    private StoreLane(StoreVerdict verdict) => Verdict = verdict;

    private StoreLane(StudyStore store, StudyHandle study, IStudyGrain grain, StoreRequest request, Guid lease, SecretKey studyKey)
    {
        (this.store, Study, this.grain, this.request, this.lease, this.studyKey) = (store, study, grain, request, lease, studyKey);
        Verdict = StoreVerdict.Granted;
        StoreMetrics.Leases.Add(1);
    }

    public StoreVerdict Verdict { get; }

    /// <summary>True where nothing more can be committed through it: whoever goes on storing opens another.</summary>
    public bool IsSpoilt { get; private set; }

    public StudyHandle Study { get; }

    public static async ValueTask<StoreLane> OpenAsync(
        StudyStore store, string token, string? address, string studyInstanceUid, PatientIdentity patient, CancellationToken cancellation)
    {
        if ((await store.Tokens.CheckAsync(token, cancellation)).Token is not { } caller)
        {
            return new StoreLane(StoreVerdict.Unauthorized);
        }

        // Only who may store here makes a row.
        if (!caller.Allows(PolicyActions.Store, studyInstanceUid, patient))
        {
            return new StoreLane(StoreVerdict.Forbidden);
        }

        var row = await store.Catalog.AddStudyAsync(store.Vault.MacOfUid(studyInstanceUid), StudyHandle.New(), cancellation);
        var grain = store.Grains.GetGrain<IStudyGrain>(row.Study.Value);
        var request = new StoreRequest { Token = token, StudyInstanceUid = studyInstanceUid, Patient = patient, Address = address };
        var decision = await grain.BeginStoreAsync(request);
        if (decision.Verdict != StoreVerdict.Granted)
        {
            return new StoreLane(decision.Verdict);
        }

        return await OpenKeyAsync(store, row.Study, grain, decision.Lease) is { } key
            ? new StoreLane(store, row.Study, grain, request, decision.Lease, key)
            : new StoreLane(StoreVerdict.Destroyed);
    }

    public byte[] Wrap(Mac sopInstanceUid, SecretKey objectKey) =>
        KeyWrap.WrapObjectKey(studyKey!, Study, sopInstanceUid.Bytes.Span, objectKey);

    public void Add(InstanceCommit instance, SegmentId? toFlush)
    {
        waiting.Add(instance);
        if (toFlush is { } segment)
        {
            unflushed.Add(segment);
        }
    }

    /// <summary>Makes the bytes durable, then has the grain commit their records.</summary>
    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IObjectStore objects, CancellationToken cancellation)
    {
        if (waiting.Count == 0)
        {
            return [];
        }

        InstanceCommit[] instances = [.. waiting];
        waiting.Clear();
        if (unflushed.Count > 0)
        {
            var started = Stopwatch.GetTimestamp();
            await objects.FlushAsync(Study, unflushed, cancellation);
            StoreMetrics.Flush.RecordSince(started);
            unflushed.Clear();
        }

        CommitOutcome[]? outcomes = null;
        try
        {
            outcomes = await grain!.CommitAsync(lease, instances);
        }
        catch (OrleansException)
        {
            // The owner's silo went, with its answer: the study's next owner knows what is committed.
        }

        if (outcomes?.Contains(CommitOutcome.LeaseEnded) == false)
        {
            return outcomes;
        }

        if (!await TakeAnotherLeaseAsync())
        {
            return outcomes ?? throw new StorageUnavailableException("Nobody says whether the study was committed.");
        }

        // While there was no lease, the segments were anybody's to sweep: a flush tells whether they are still there.
        await objects.FlushAsync(Study, [.. instances.Select(one => one.Record.Object.Segment).Distinct()], cancellation);
        return await grain!.CommitAsync(lease, instances);
    }

    public async ValueTask DisposeAsync()
    {
        studyKey?.Dispose();
        if (grain is not null)
        {
            StoreMetrics.Leases.Add(-1);
            await grain.EndStoreAsync(lease);
        }
    }

    /// <summary>
    /// The study's grain may have been put away during a long upload. What was sealed is good as long as the study has the key it was sealed under;
    /// where it has another, this lane is spoilt. Whichever of the two leases is not used is ended.
    /// </summary>
    private async Task<bool> TakeAnotherLeaseAsync()
    {
        IsSpoilt = true;
        var decision = await grain!.BeginStoreAsync(request!);
        if (decision.Verdict != StoreVerdict.Granted)
        {
            return false;
        }

        var unused = decision.Lease;
        try
        {
            using var present = await store!.Vault.OpenStudyKeyAsync(Study, CancellationToken.None);
            IsSpoilt = present is null || !CryptographicOperations.FixedTimeEquals(present.Span, studyKey!.Span);
            if (!IsSpoilt)
            {
                (lease, unused) = (decision.Lease, lease);
            }
        }
        finally
        {
            await TryEndAsync(unused);
        }

        return !IsSpoilt;
    }

    private async Task TryEndAsync(Guid unused)
    {
        try
        {
            await grain!.EndStoreAsync(unused);
        }
        catch (Exception failure) when (failure is StorageUnavailableException || UnansweredCall.Is(failure))
        {
            // It ends with the activation that gave it.
        }
    }

    private static async Task<SecretKey?> OpenKeyAsync(StudyStore store, StudyHandle study, IStudyGrain grain, Guid lease)
    {
        SecretKey? key = null;
        try
        {
            return key = await store.Vault.OpenStudyKeyAsync(study, CancellationToken.None);
        }
        finally
        {
            if (key is null)
            {
                await grain.EndStoreAsync(lease);
            }
        }
    }
}
