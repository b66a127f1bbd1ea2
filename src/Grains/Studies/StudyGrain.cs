using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStudyGrain"/>
[GrainType("study")]
internal sealed partial class StudyGrain(
    ICatalog catalog,
    IObjectStore objects,
    Vault.Vault vault,
    IPolicyTokens tokens,
    IAuditLog audit,
    StudyReader reader,
    IOtherSilos others,
    RetentionOptions retention,
    StudyOptions options,
    TimeProvider time,
    ILogger<StudyGrain> logger) : Grain, IStudyGrain, IDisposable
{
    private readonly Dictionary<Guid, StoreLease> storeLeases = [];
    private readonly Queue<PendingCommit> pending = new();
    private readonly SemaphoreSlim binding = new(1, 1);
    private readonly SemaphoreSlim writing = new(1, 1);
    private Mac studyUid;
    private StudyState state;
    private StudyFacts? facts;
    private Tombstone? tombstone;
    private (PatientIdentity Identity, PatientHandle Handle)? bound;
    private long ownerEpoch;
    private DateTimeOffset owned;
    private bool isKnown;
    private bool isBroken;
    private bool isCommitting;

    /// <summary>Open from the first commit under the store leases until the last of them ends: no other owner's key, for a commit is fenced.</summary>
    private SecretKey? storeKey;
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
        owned = time.GetUtcNow();
        await LoadAsync(cancellationToken);
        studyUid = row.StudyUid;
        isKnown = true;
    }

    /// <summary>
    /// What is being committed is waited for. Read leases go on: whoever owns the study next takes them over as they are renewed. Store leases end
    /// with their counts; whoever still has one takes another.
    /// </summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await committing;
        await EndStoresAsync();
    }

    public async Task<HoldDecision> HoldAsync(StudyRequest request)
    {
        ThrowIfBroken();
        var reason = request.Reason;
        if (await TokenAsync(request.Token) is not { } caller)
        {
            return new HoldDecision(ReadVerdict.Unauthorized);
        }

        await EnsureKnownAsync();
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
        storeKey?.Dispose();
        binding.Dispose();
        writing.Dispose();
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

    private bool IsExpired(StudyFacts known) => known.IsExpired(Today);

    private async ValueTask<PolicyToken?> TokenAsync(string raw) => (await tokens.CheckAsync(raw, CancellationToken.None)).Token;

    private async Task RecordRefusalAsync(PolicyToken token, PolicyActions action, string? address) =>
        await audit.AppendAsync(Event(AuditAction.AccessRefused, token, action, facts) with { Address = address }, CancellationToken.None);

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var row = await catalog.GetStudyAsync(Study, cancellation) ?? throw new StudyFencedException(Study);
        state = Enum.IsDefined(row.State)
            ? row.State
            : throw new VaultIntegrityException("A study's state was written by a later version, or altered outside the archive.");
        if (state != StudyState.Active)
        {
            tombstone = StudyRows.OpenTombstone(vault.ServiceKey(ServiceKeyName.Tombstones), row);
            return;
        }

        if (row.SealedFacts.Length == 0)
        {
            stored = [];
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

    private sealed class StoreLease(PolicyToken token, StoreRequest request)
    {
        public PolicyToken Token { get; } = token;

        public StoreRequest Request { get; } = request;

        public long Instances { get; set; }

        public long Bytes { get; set; }
    }

    private sealed record PendingCommit(StoreLease Lease, InstanceCommit[] Instances)
    {
        public TaskCompletionSource<CommitOutcome[]> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Refuse(CommitOutcome outcome) => Outcome.TrySetResult([.. Instances.Select(_ => outcome)]);
    }
}
