using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>A session's way into one study for one patient: the lease, the open study key, and what waits for its commit.</summary>
internal sealed class StoreLane : IAsyncDisposable
{
    private readonly HashSet<SegmentId> unflushed = [];
    private readonly List<InstanceCommit> waiting = [];
    private readonly IStudyGrain? grain;
    private readonly SecretKey? studyKey;
    private readonly Guid lease;
    private long bytes;

    private StoreLane(StoreVerdict verdict) => Verdict = verdict;

    private StoreLane(StudyHandle study, IStudyGrain grain, Guid lease, SecretKey studyKey)
    {
        (Study, this.grain, this.lease, this.studyKey) = (study, grain, lease, studyKey);
        Verdict = StoreVerdict.Granted;
    }

    public StoreVerdict Verdict { get; }

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
        var decision = await grain.BeginStoreAsync(
            new StoreRequest { Token = token, StudyInstanceUid = studyInstanceUid, Patient = patient, Address = address });
        if (decision.Verdict != StoreVerdict.Granted)
        {
            return new StoreLane(decision.Verdict);
        }

        return await store.Vault.OpenStudyKeyAsync(row.Study, cancellation) is { } key
            ? new StoreLane(row.Study, grain, decision.Lease, key)
            : new StoreLane(StoreVerdict.Destroyed);
    }

    public byte[] Wrap(Mac sopInstanceUid, SecretKey objectKey) =>
        KeyWrap.WrapObjectKey(studyKey!, Study, sopInstanceUid.Bytes.Span, objectKey);

    public void Add(InstanceCommit instance, SegmentId? toFlush)
    {
        waiting.Add(instance);
        bytes += instance.Record.Object.Length;
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
            await objects.FlushAsync(Study, unflushed, cancellation);
            unflushed.Clear();
        }

        return await grain!.CommitAsync(lease, instances);
    }

    public async ValueTask DisposeAsync()
    {
        studyKey?.Dispose();
        if (grain is not null)
        {
            await grain.EndAsync(lease, 0, bytes);
        }
    }
}
