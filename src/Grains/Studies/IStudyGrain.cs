using Orleans.Concurrency;
using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Studies;

/// <summary>
/// The one owner of a study: it decides, records and hands out leases. It gets the caller's raw token and checks it itself.
/// No image byte and no key passes through it.
/// </summary>
public interface IStudyGrain : IGrainWithGuidKey
{
    /// <summary>Asks to store instances of the study. The first call binds the study to its patient.</summary>
    [AlwaysInterleave]
    Task<StoreDecision> BeginStoreAsync(StoreRequest request);

    /// <summary>Commits instances whose bytes are durable. One outcome an instance, in order.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(Guid lease, IReadOnlyList<InstanceCommit> instances);

    /// <summary>Asks to open the study; recorded in the audit log before a lease is given.</summary>
    [AlwaysInterleave]
    Task<ReadDecision> BeginReadAsync(ReadRequest request, ILeaseHolder holder);

    /// <summary>Prolongs a read lease by <see cref="Lease.Duration"/>; false where it has ended.</summary>
    [AlwaysInterleave]
    Task<bool> RenewAsync(Guid lease);

    /// <summary>Ends a read or store lease; for a read lease the counts of what was released go to the audit log.</summary>
    [AlwaysInterleave]
    Task EndAsync(Guid lease, long instances, long bytes);

    /// <summary>Destroys the study on a caller's word.</summary>
    Task<DestroyDecision> DestroyAsync(string token, string reason);

    /// <summary>Destroys the study if its day has come, and finishes a destruction that was begun. Called by the sweep.</summary>
    Task<DestroyDecision> DestroyIfDueAsync();

    /// <summary>Sets (a reason) or releases (null) the legal hold.</summary>
    Task<HoldDecision> HoldAsync(string token, string? reason);

    /// <summary>The destruction certificate, for callers whose token covers the study that was.</summary>
    Task<string?> CertificateAsync(string token);
}

/// <summary>The holder of read leases on a silo, told when one ends early.</summary>
public interface ILeaseHolder : IGrainObserver
{
    /// <summary>Returns once no byte is released under the lease any more and its keys are closed.</summary>
    Task CancelAsync(Guid lease);
}

/// <summary>Times of leases.</summary>
public static class Lease
{
    /// <summary>How long a lease lives without being renewed.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);
}

/// <summary>A wish to store: the raw token, and what the first instance says of the study.</summary>
[GenerateSerializer, Immutable]
public sealed record StoreRequest
{
    [Id(0)] public required string Token { get; init; }

    [Id(1)] public required string StudyInstanceUid { get; init; }

    [Id(2)] public required PatientIdentity Patient { get; init; }

    [Id(3)] public string? Address { get; init; }

    public override string ToString() => nameof(StoreRequest);
}

/// <summary>What became of the wish to store. <see cref="Lease"/> is set where it is granted.</summary>
[GenerateSerializer, Immutable]
public sealed record StoreDecision([property: Id(0)] StoreVerdict Verdict, [property: Id(1)] Guid Lease = default);

public enum StoreVerdict
{
    Granted,

    /// <summary>No valid token.</summary>
    Unauthorized,

    /// <summary>The token does not allow storing into this study.</summary>
    Forbidden,

    /// <summary>The study was destroyed; it is not taken in again.</summary>
    Destroyed,

    /// <summary>The study names another patient, and the archive is set to refuse that.</summary>
    PatientMismatch,
}

/// <summary>One instance to be committed, with the study and series attributes it carries.</summary>
[GenerateSerializer, Immutable]
public sealed record InstanceCommit
{
    [Id(0)] public required InstanceRecord Record { get; init; }

    [Id(1)] public required PatientIdentity Patient { get; init; }

    /// <summary>Study Date (0008,0020) as it stands in the instance, unchecked.</summary>
    [Id(2)] public string? StudyDate { get; init; }

    [Id(3)] public required string Modality { get; init; }

    /// <summary>Patient and study attributes, one DICOM JSON object in UTF-8.</summary>
    [Id(4)] public required byte[] StudyAttributes { get; init; }

    /// <summary>Series attributes, one DICOM JSON object in UTF-8.</summary>
    [Id(5)] public required byte[] SeriesAttributes { get; init; }

    public override string ToString() => nameof(InstanceCommit);
}

/// <summary>What became of an instance at its commit.</summary>
public enum CommitOutcome
{
    Stored,

    /// <summary>Stored, though it names another patient than the study's.</summary>
    StoredWithPatientMismatch,

    /// <summary>The same data set is there already.</summary>
    Duplicate,

    /// <summary>The same instance is there in another transfer syntax; that one is kept.</summary>
    DuplicateInOtherTransferSyntax,

    /// <summary>Another data set with this SOP Instance UID is there; it is kept.</summary>
    Conflict,

    /// <summary>The lease has ended, or the study is being destroyed.</summary>
    LeaseEnded,
}

/// <summary>A wish to open a study.</summary>
[GenerateSerializer, Immutable]
public sealed record ReadRequest
{
    [Id(0)] public required string Token { get; init; }

    [Id(1)] public required Policy.PolicyActions Action { get; init; }

    [Id(2)] public string? Address { get; init; }

    public override string ToString() => nameof(ReadRequest);
}

[GenerateSerializer, Immutable]
public sealed record ReadDecision([property: Id(0)] ReadVerdict Verdict, [property: Id(1)] Guid Lease = default);

public enum ReadVerdict
{
    Granted,
    Unauthorized,

    /// <summary>The study does not exist for this caller: absent, foreign, expired or destroyed.</summary>
    NotFound,

    /// <summary>The token covers the study and lacks the action.</summary>
    Forbidden,
}

[GenerateSerializer, Immutable]
public sealed record DestroyDecision([property: Id(0)] DestroyVerdict Verdict, [property: Id(1)] string? Certificate = null);

public enum DestroyVerdict
{
    Destroyed,

    /// <summary>It was destroyed before.</summary>
    AlreadyDestroyed,
    Unauthorized,
    NotFound,
    Forbidden,

    /// <summary>A legal hold forbids it.</summary>
    OnHold,

    /// <summary>Its day has not come, or the grace period runs.</summary>
    NotDue,
}

[GenerateSerializer, Immutable]
public sealed record HoldDecision([property: Id(0)] ReadVerdict Verdict);
