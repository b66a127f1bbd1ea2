using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStudyGrain"/>
internal sealed partial class StudyGrain(
    ICatalog catalog,
    IObjectStore objects,
    Vault.Vault vault,
    IPolicyTokens tokens,
    IAuditLog audit,
    RetentionOptions retention,
    StudyOptions options,
    TimeProvider time,
    ILogger<StudyGrain> logger) : Grain, IStudyGrain, IDisposable
{
    private readonly Dictionary<Guid, StoreLease> storeLeases = [];
    private readonly Dictionary<Guid, ReadLease> readLeases = [];
    private readonly Queue<PendingCommit> pending = new();
    private readonly SemaphoreSlim binding = new(1, 1);
    private readonly SemaphoreSlim writing = new(1, 1);
    private StudyState state;
    private StudyFacts? facts;
    private Tombstone? tombstone;
    private (PatientIdentity Identity, PatientHandle Handle)? bound;
    private long ownerEpoch;
    private bool isKnown;
    private bool isBroken;
    private Task committing = Task.CompletedTask;

    private StudyHandle Study => new(this.GetPrimaryKey());

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private bool IsReadable => state == StudyState.Active && facts is not null && !IsExpired(facts);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (await catalog.GetStudyAsync(Study, cancellationToken) is not { } row)
        {
            return;
        }

        ownerEpoch = await catalog.ClaimAsync(Study, row.OwnerEpoch, cancellationToken) ?? throw new StudyFencedException(Study);
        isKnown = true;
        await LoadAsync(cancellationToken);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => await EndLeasesAsync();

    public async Task<StoreDecision> BeginStoreAsync(StoreRequest request)
    {
        if (await TokenAsync(request.Token) is not { } token)
        {
            return new StoreDecision(StoreVerdict.Unauthorized);
        }

        var uid = request.StudyInstanceUid;
        if (!isKnown || !token.Allows(PolicyActions.Store, uid, request.Patient))
        {
            return await RefuseStoreAsync(token, request);
        }

        if (state != StudyState.Active || (facts is not null && IsExpired(facts)))
        {
            var mayKnow = tombstone?.IsCoveredBy(token, vault.MacOfIdentity) ?? facts is not null && token.Covers(uid, facts.Patient);
            return mayKnow ? new StoreDecision(StoreVerdict.Destroyed) : await RefuseStoreAsync(token, request);
        }

        var patient = (facts?.Patient ?? (await BindAsync(request.Patient)).Identity);
        if (patient != request.Patient)
        {
            if (!token.Allows(PolicyActions.Store, uid, patient))
            {
                return await RefuseStoreAsync(token, request);
            }

            if (options.OnMismatch == PatientMismatchRule.Refuse)
            {
                return new StoreDecision(StoreVerdict.PatientMismatch);
            }
        }

        var lease = Guid.NewGuid();
        storeLeases[lease] = new StoreLease(token, uid, request.Address);
        return new StoreDecision(StoreVerdict.Granted, lease);
    }

    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(Guid lease, IReadOnlyList<InstanceCommit> instances)
    {
        if (!storeLeases.TryGetValue(lease, out var held) || state != StudyState.Active || isBroken)
        {
            return [.. instances.Select(_ => CommitOutcome.LeaseEnded)];
        }

        var waiting = new PendingCommit(held, instances);
        pending.Enqueue(waiting);
        if (committing.IsCompleted)
        {
            committing = CommitPendingAsync();
        }

        return await waiting.Outcome.Task;
    }

    public async Task<ReadDecision> BeginReadAsync(ReadRequest request, ILeaseHolder holder)
    {
        if (await TokenAsync(request.Token) is not { } token)
        {
            return new ReadDecision(ReadVerdict.Unauthorized);
        }

        if (Judge(token, request.Action) is var verdict and not ReadVerdict.Granted)
        {
            await RecordRefusalAsync(token, request.Action, request.Address);
            return new ReadDecision(verdict);
        }

        var lease = Guid.NewGuid();
        var opened = facts!;
        await audit.AppendAsync(
            Event(AuditAction.StudyOpened, token, request.Action, opened) with { Session = lease, Address = request.Address },
            CancellationToken.None);

        // A destruction may have begun while the record was being written.
        if (Judge(token, request.Action) is var after and not ReadVerdict.Granted)
        {
            return new ReadDecision(after);
        }

        readLeases[lease] = new ReadLease(token, request, holder, Expiry(token));
        return new ReadDecision(ReadVerdict.Granted, lease);
    }

    public async Task<bool> RenewAsync(Guid lease)
    {
        if (!readLeases.TryGetValue(lease, out var held))
        {
            return false;
        }

        if (await TokenAsync(held.Request.Token) is not { } token || Judge(token, held.Request.Action) != ReadVerdict.Granted
            || held.Expires <= time.GetUtcNow())
        {
            return false;
        }

        if (!readLeases.ContainsKey(lease))
        {
            return false;
        }

        readLeases[lease] = held with { Expires = Expiry(token) };
        return true;
    }

    public async Task EndAsync(Guid lease, long instances, long bytes)
    {
        if (readLeases.Remove(lease, out var read))
        {
            await audit.AppendAsync(
                Event(AuditAction.StudyClosed, read.Token, read.Request.Action, facts) with { Session = lease, Instances = instances, Bytes = bytes },
                CancellationToken.None);
        }
        else if (storeLeases.Remove(lease, out var store) && store.Committed > 0)
        {
            await audit.AppendAsync(
                Event(AuditAction.InstancesStored, store.Token, PolicyActions.Store, facts) with
                {
                    Session = lease,
                    Instances = store.Committed,
                    Bytes = bytes,
                    Address = store.Address,
                    Detail = "end",
                },
                CancellationToken.None);
        }
    }

    public async Task<HoldDecision> HoldAsync(StudyRequest request)
    {
        var reason = request.Reason;
        if (await TokenAsync(request.Token) is not { } caller)
        {
            return new HoldDecision(ReadVerdict.Unauthorized);
        }

        if (state != StudyState.Active || facts is null || !caller.Covers(facts.StudyInstanceUid, facts.Patient))
        {
            return new HoldDecision(ReadVerdict.NotFound);
        }

        if (!caller.Allows(PolicyActions.Hold, facts.StudyInstanceUid, facts.Patient))
        {
            return new HoldDecision(ReadVerdict.Forbidden);
        }

        var action = reason is null ? AuditAction.LegalHoldReleased : AuditAction.LegalHoldSet;
        await audit.AppendAsync(Event(action, caller, PolicyActions.Hold, facts) with { Reason = reason }, CancellationToken.None);
        await writing.WaitAsync();
        try
        {
            await CommitFactsAsync(facts with { LegalHold = reason }, []);
        }
        catch
        {
            Abandon();
            throw;
        }
        finally
        {
            writing.Release();
        }

        return new HoldDecision(ReadVerdict.Granted);
    }

    public async Task<string?> CertificateAsync(StudyRequest request) =>
        await TokenAsync(request.Token) is { } caller && tombstone is { IsFinal: true } && tombstone.IsCoveredBy(caller, vault.MacOfIdentity)
            ? tombstone.Certificate.ToJson()
            : null;

    public void Dispose()
    {
        binding.Dispose();
        writing.Dispose();
    }

    private ReadVerdict Judge(PolicyToken token, PolicyActions action)
    {
        if (!IsReadable || isBroken || !token.Covers(facts!.StudyInstanceUid, facts.Patient))
        {
            return ReadVerdict.NotFound;
        }

        return token.Allows(action, facts.StudyInstanceUid, facts.Patient) ? ReadVerdict.Granted : ReadVerdict.Forbidden;
    }

    /// <summary>What the catalog holds is uncertain: whoever comes next starts from there.</summary>
    private void Abandon()
    {
        isBroken = true;
        DeactivateOnIdle();
    }

    private bool IsExpired(StudyFacts known) => known.LegalHold is null && Today >= known.DueDay;

    private DateTimeOffset Expiry(PolicyToken token)
    {
        var end = time.GetUtcNow() + Lease.Duration;
        return end < token.Expires ? end : token.Expires;
    }

    private async ValueTask<PolicyToken?> TokenAsync(string raw) => (await tokens.CheckAsync(raw, CancellationToken.None)).Token;

    private async Task<StoreDecision> RefuseStoreAsync(PolicyToken token, StoreRequest request)
    {
        await RecordRefusalAsync(token, PolicyActions.Store, request.Address);
        return new StoreDecision(StoreVerdict.Forbidden);
    }

    private async Task RecordRefusalAsync(PolicyToken token, PolicyActions action, string? address) =>
        await audit.AppendAsync(Event(AuditAction.AccessRefused, token, action, facts) with { Address = address }, CancellationToken.None);

    private async Task<(PatientIdentity Identity, PatientHandle Handle)> BindAsync(PatientIdentity patient)
    {
        await binding.WaitAsync();
        try
        {
            while (bound is null)
            {
                var handle = await vault.FindOrAddPatientAsync(patient, CancellationToken.None);
                var owner = GrainFactory.GetGrain<IPatientGrain>(handle.Value);
                switch (await owner.AddStudyKeyAsync(Study))
                {
                    case StudyKeyOutcome.Added:
                        bound = (patient, handle);
                        break;
                    case StudyKeyOutcome.OtherPatients:
                        // Left over from a first instance that was never committed: nothing was ever sealed under it.
                        await owner.DestroyStudyKeyAsync(Study);
                        break;
                    case StudyKeyOutcome.PatientGone:
                        break;
                }
            }

            return bound.Value;
        }
        finally
        {
            binding.Release();
        }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var row = await catalog.GetStudyAsync(Study, cancellation) ?? throw new StudyFencedException(Study);
        state = row.State;
        if (state != StudyState.Active)
        {
            tombstone = StudyRows.OpenTombstone(vault.ServiceKey(ServiceKeyName.Tombstones), row);
            return;
        }

        if (row.SealedFacts.Length == 0)
        {
            return;
        }

        using var key = await vault.OpenStudyKeyAsync(Study, cancellation) ?? throw new VaultIntegrityException("An active study has no key.");
        facts = StudyRows.OpenFacts(key, row);
    }

    private AuditEvent Event(AuditAction action, PolicyToken? token, PolicyActions policyAction, StudyFacts? of) => new()
    {
        Id = Guid.NewGuid(),
        Time = time.GetUtcNow(),
        Action = action,
        Actor = token?.Subject ?? RetentionActor,
        TokenId = token?.Id,
        TokenIssuer = token?.Issuer,
        PurposeOfUse = of is null ? null : token?.PurposeFor(policyAction, of.StudyInstanceUid, of.Patient),
        StudyInstanceUid = of?.StudyInstanceUid,
        Patient = of?.Patient,
        PolicyAction = policyAction.ToString(),
    };

    private sealed record ReadLease(PolicyToken Token, ReadRequest Request, ILeaseHolder Holder, DateTimeOffset Expires);

    private sealed class StoreLease(PolicyToken token, string studyInstanceUid, string? address)
    {
        public PolicyToken Token { get; } = token;

        public string StudyInstanceUid { get; } = studyInstanceUid;

        public string? Address { get; } = address;

        public long Committed { get; set; }
    }

    private sealed record PendingCommit(StoreLease Lease, IReadOnlyList<InstanceCommit> Instances)
    {
        public TaskCompletionSource<IReadOnlyList<CommitOutcome>> Outcome { get; } = new();
    }
}
