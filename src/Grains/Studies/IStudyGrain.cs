using Orleans.Concurrency;
using Orleans.Runtime;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <summary>
/// The one owner of a study: it decides, records and hands out leases. It gets the caller's raw token and checks it itself.
/// No image byte and no key passes through it.
/// </summary>
[Alias("securestore.IStudyGrain"), GrainInterfaceType("securestore.study")]
public interface IStudyGrain : IGrainWithGuidKey
{
    /// <summary>Asks to store instances of the study. The first call binds the study to its patient.</summary>
    [AlwaysInterleave, Alias("begin-store")]
    Task<StoreDecision> BeginStoreAsync(StoreRequest request);

    /// <summary>Commits instances whose bytes are durable. One outcome an instance, in order.</summary>
    [AlwaysInterleave, Alias("commit")]
    Task<CommitOutcome[]> CommitAsync(Guid lease, InstanceCommit[] instances);

    /// <summary>Asks to open the study; recorded in the audit log before a lease is given.</summary>
    [AlwaysInterleave, Alias("begin-read")]
    Task<ReadDecision> BeginReadAsync(ReadRequest request);

    /// <summary>
    /// Prolongs a read lease that has not run out: one of this activation's, or one that it takes over from an activation before it.
    /// </summary>
    /// <returns>How long from the asking on it is good now; zero or less where it has ended.</returns>
    [AlwaysInterleave, Alias("renew")]
    Task<TimeSpan> RenewAsync(Guid lease, ReadRequest request);

    /// <summary>Ends a read lease, whichever activation has given it; the counts of what was released go to the audit log.</summary>
    [AlwaysInterleave, Alias("end-read")]
    Task EndReadAsync(ClosedSession session);

    /// <summary>Ends a store lease.</summary>
    [AlwaysInterleave, Alias("end-store")]
    Task EndStoreAsync(Guid lease);

    /// <summary>Destroys the study on a caller's word. Running leases are waited for.</summary>
    [ResponseTimeout("00:02:00"), Alias("destroy")]
    Task<DestroyDecision> DestroyAsync(StudyRequest request);

    /// <summary>Destroys the study if its day has come, and finishes a destruction that was begun. Called by the sweep.</summary>
    [ResponseTimeout("00:02:00"), Alias("destroy-if-due")]
    Task<DestroyDecision> DestroyIfDueAsync();

    /// <summary>Sets (a reason) or releases (null) the legal hold.</summary>
    [Alias("hold")]
    Task<HoldDecision> HoldAsync(StudyRequest request);

    /// <summary>
    /// What the catalog has of the study was changed by a repair: whoever comes next starts from there.
    /// </summary>
    [AlwaysInterleave, Alias("reopen")]
    Task ReopenAsync();

    /// <summary>
    /// Deletes those of the segments that no record of the study points to, unless something is being stored into it; recorded in the
    /// audit log before.
    /// </summary>
    /// <param name="suspects">Segments that seem to be orphans.</param>
    /// <param name="actor">Who wants it.</param>
    /// <returns>How many were deleted.</returns>
    [ResponseTimeout("00:02:00"), Alias("remove-orphans")]
    Task<int> RemoveOrphansAsync(SegmentId[] suspects, string actor);

    /// <summary>The destruction certificate, for callers whose token covers the study that was.</summary>
    [Alias("certificate")]
    Task<string?> CertificateAsync(StudyRequest request);
}

/// <summary>What was released under a lease: number of instances, whole or in part, and bytes.</summary>
[GenerateSerializer, Immutable, Alias("securestore.Released")]
public readonly record struct Released([property: Id(0)] long Instances, [property: Id(1)] long Bytes);

/// <summary>Times of leases.</summary>
public static class Lease
{
    /// <summary>How long a lease lives without being renewed, at most: it ends with its token and on the study's day.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);
}

/// <summary>A wish to store: the raw token, and what the first instance says of the study.</summary>
[GenerateSerializer, Immutable, Alias("securestore.StoreRequest")]
public sealed record StoreRequest
{
    [Id(0)] public required string Token { get; init; }

    [Id(1)] public required string StudyInstanceUid { get; init; }

    [Id(2)] public required PatientIdentity Patient { get; init; }

    [Id(3)] public string? Address { get; init; }

    public override string ToString() => nameof(StoreRequest);
}

/// <summary>What became of the wish to store. <see cref="Lease"/> is set where it is granted.</summary>
[GenerateSerializer, Immutable, Alias("securestore.StoreDecision")]
public sealed record StoreDecision([property: Id(0)] StoreVerdict Verdict, [property: Id(1)] Guid Lease = default);

[GenerateSerializer, Alias("securestore.StoreVerdict")]
public enum StoreVerdict
{
    Granted = 1,

    /// <summary>No valid token.</summary>
    Unauthorized = 2,

    /// <summary>The token does not allow storing into this study.</summary>
    Forbidden = 3,

    /// <summary>The study was destroyed; it is not taken in again.</summary>
    Destroyed = 4,

    /// <summary>The study names another patient, and the archive is set to refuse that.</summary>
    PatientMismatch = 5,
}

/// <summary>One instance to be committed, with the study and series attributes it carries.</summary>
[GenerateSerializer, Immutable, Alias("securestore.InstanceCommit")]
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
[GenerateSerializer, Alias("securestore.CommitOutcome")]
public enum CommitOutcome
{
    Stored = 1,

    /// <summary>Stored, though it names another patient than the study's.</summary>
    StoredWithPatientMismatch = 2,

    /// <summary>The same data set is there already.</summary>
    Duplicate = 3,

    /// <summary>The same instance is there in another transfer syntax; that one is kept.</summary>
    DuplicateInOtherTransferSyntax = 4,

    /// <summary>Another data set with this SOP Instance UID is there; it is kept.</summary>
    Conflict = 5,

    /// <summary>The lease has ended. Nothing was committed under it; another lease may be asked for.</summary>
    LeaseEnded = 6,

    /// <summary>The token under which the lease was given is not valid any more.</summary>
    Unauthorized = 7,

    /// <summary>The study has expired or is being destroyed.</summary>
    Destroyed = 8,
}

/// <summary>A wish about a whole study: the raw token, and the reason where one is wanted.</summary>
[GenerateSerializer, Immutable, Alias("securestore.StudyRequest")]
public sealed record StudyRequest([property: Id(0)] string Token, [property: Id(1)] string? Reason = null)
{
    public override string ToString() => nameof(StudyRequest);
}

/// <summary>A wish to open a study.</summary>
[GenerateSerializer, Immutable, Alias("securestore.ReadRequest")]
public sealed record ReadRequest
{
    [Id(0)] public required string Token { get; init; }

    [Id(1)] public required Policy.PolicyActions Action { get; init; }

    [Id(2)] public string? Address { get; init; }

    /// <summary>The silo that will hold the lease.</summary>
    [Id(3)] public required SiloAddress Silo { get; init; }

    public override string ToString() => nameof(ReadRequest);
}

/// <summary>What became of the wish to open. Where it is granted, the lease and how long it is good from the asking on.</summary>
[GenerateSerializer, Immutable, Alias("securestore.ReadDecision")]
public sealed record ReadDecision(
    [property: Id(0)] ReadVerdict Verdict, [property: Id(1)] Guid Lease = default, [property: Id(2)] TimeSpan ValidFor = default)
{
    /// <summary>True where instances of the study are lost.</summary>
    [Id(3)]
    public bool HasLost { get; init; }
}

[GenerateSerializer, Alias("securestore.ReadVerdict")]
public enum ReadVerdict
{
    Granted = 1,
    Unauthorized = 2,

    /// <summary>The study does not exist for this caller: absent, foreign, expired or destroyed.</summary>
    NotFound = 3,

    /// <summary>The token covers the study and lacks the action.</summary>
    Forbidden = 4,
}

[GenerateSerializer, Immutable, Alias("securestore.DestroyDecision")]
public sealed record DestroyDecision([property: Id(0)] DestroyVerdict Verdict, [property: Id(1)] string? Certificate = null);

[GenerateSerializer, Alias("securestore.DestroyVerdict")]
public enum DestroyVerdict
{
    Destroyed = 1,

    /// <summary>It was destroyed before.</summary>
    AlreadyDestroyed = 2,
    Unauthorized = 3,
    NotFound = 4,
    Forbidden = 5,

    /// <summary>A legal hold forbids it.</summary>
    OnHold = 6,

    /// <summary>Its day has not come, or the grace period runs.</summary>
    NotDue = 7,
}

[GenerateSerializer, Immutable, Alias("securestore.HoldDecision")]
public sealed record HoldDecision([property: Id(0)] ReadVerdict Verdict);
