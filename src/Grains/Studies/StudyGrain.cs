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
    StudyReader reader,
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
    private Mac studyUid;
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

        ownerEpoch = await catalog.ClaimAsync(Study, row.OwnerEpoch, cancellationToken) ?? throw Moved(new StudyFencedException(Study));
        await LoadAsync(cancellationToken);
        studyUid = row.StudyUid;
        isKnown = true;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => await EndLeasesAsync();

    public async Task<ReadDecision> BeginReadAsync(ReadRequest request, ILeaseHolder holder)
    {
        ThrowIfBroken();
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

        // A destruction may have begun, or a commit failed, while the record was being written.
        ThrowIfBroken();
        if (Judge(token, request.Action) is var after and not ReadVerdict.Granted)
        {
            return new ReadDecision(after);
        }

        var validFor = ValidFor(token);
        readLeases[lease] = new ReadLease(token, request, holder, time.GetUtcNow() + validFor);
        return new ReadDecision(ReadVerdict.Granted, lease, validFor) { HasLost = facts!.Lost > 0 };
    }

    public async Task<TimeSpan> RenewAsync(Guid lease)
    {
        if (!readLeases.TryGetValue(lease, out var held)
            || await TokenAsync(held.Request.Token) is not { } token
            || isBroken
            || Judge(token, held.Request.Action) != ReadVerdict.Granted
            || held.Expires <= time.GetUtcNow()
            || !readLeases.ContainsKey(lease))
        {
            return TimeSpan.Zero;
        }

        var validFor = ValidFor(token);
        readLeases[lease] = held with { Expires = time.GetUtcNow() + validFor };
        return validFor;
    }

    public async Task EndAsync(Guid lease, long instances, long bytes)
    {
        if (readLeases.Remove(lease, out var read))
        {
            await RecordCloseAsync(lease, read, new Released(instances, bytes));
        }
        else if (storeLeases.Remove(lease, out var store))
        {
            await RecordStoreEndAsync(lease, store);
            await UnbindAsync();
        }
    }

    public async Task<HoldDecision> HoldAsync(StudyRequest request)
    {
        ThrowIfBroken();
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
            ThrowIfBroken();
            await CommitFactsAsync(facts with { LegalHold = reason }, []);
        }
        catch (Exception failure)
        {
            Abandon();
            throw Moved(failure);
        }
        finally
        {
            writing.Release();
        }

        if (!IsReadable)
        {
            // The hold alone kept it open beyond its day.
            await EndLeasesAsync();
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
        if (!IsReadable || !token.Covers(facts!.StudyInstanceUid, facts.Patient))
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

    /// <summary>Nothing may be decided, or written over, from a state that may not be the catalog's any more.</summary>
    private void ThrowIfBroken()
    {
        if (isBroken)
        {
            throw new StorageUnavailableException("The study is being opened again.");
        }
    }

    /// <summary>To a caller, a study that has another owner by now is one that may be asked for again.</summary>
    private static Exception Moved(Exception failure) =>
        failure is StudyFencedException ? new StorageUnavailableException("The study has moved to another owner.", failure) : failure;

    private bool IsExpired(StudyFacts known) => known.LegalHold is null && Today >= known.DueDay;

    /// <summary>A lease outlives neither its token nor the study's last day.</summary>
    private TimeSpan ValidFor(PolicyToken token)
    {
        var now = time.GetUtcNow();
        var end = now + Lease.Duration;
        end = end < token.Expires ? end : token.Expires;
        if (facts is { LegalHold: null, DueDay: var day })
        {
            var due = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
            end = end < due ? end : due;
        }

        return end - now;
    }

    private async ValueTask<PolicyToken?> TokenAsync(string raw) => (await tokens.CheckAsync(raw, CancellationToken.None)).Token;

    private async Task RecordRefusalAsync(PolicyToken token, PolicyActions action, string? address) =>
        await audit.AppendAsync(Event(AuditAction.AccessRefused, token, action, facts) with { Address = address }, CancellationToken.None);

    private async Task RecordCloseAsync(Guid lease, ReadLease read, Released released) =>
        await audit.AppendAsync(
            Event(AuditAction.StudyClosed, read.Token, read.Request.Action, facts) with
            {
                Session = lease,
                Instances = released.Instances,
                Bytes = released.Bytes,
            },
            CancellationToken.None);

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

    private sealed class StoreLease(PolicyToken token, StoreRequest request)
    {
        public PolicyToken Token { get; } = token;

        public StoreRequest Request { get; } = request;

        public long Instances { get; set; }

        public long Bytes { get; set; }
    }

    private sealed record PendingCommit(StoreLease Lease, IReadOnlyList<InstanceCommit> Instances)
    {
        public TaskCompletionSource<IReadOnlyList<CommitOutcome>> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Refuse(CommitOutcome outcome) => Outcome.TrySetResult([.. Instances.Select(_ => outcome)]);
    }
}
