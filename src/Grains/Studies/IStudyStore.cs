namespace SecureStore.Grains.Studies;

/// <summary>The way in: takes DICOM streams, seals and records them. One implementation; DICOMweb and DIMSE both store through it.</summary>
public interface IStudyStore
{
    /// <summary>A session takes any number of instances of any studies, one after the other, for one caller.</summary>
    /// <param name="token">The caller's raw token; each study's grain checks it itself.</param>
    /// <param name="onlyStudy">The study that all instances must belong to, or null.</param>
    /// <param name="address">The caller's network address for the audit log.</param>
    /// <param name="patientIdIssuer">Whose patient IDs they are that come without an Issuer of Patient ID (0010,0021); empty where nobody has said.</param>
    /// <param name="oneByOne">Each instance is committed before the next is received, so there is nothing that could be done meanwhile.</param>
    IStoreSession Begin(string token, string? onlyStudy, string? address, string patientIdIssuer = "", bool oneByOne = false);
}

/// <summary>Stores in two steps: receive (sealed, not yet promised), then commit (durable: only now may a sender hear "stored").</summary>
public interface IStoreSession : IAsyncDisposable
{
    /// <summary>
    /// Reads one instance (PS3.10 file) in one pass to the end of <paramref name="source"/>. A refusal is an outcome, not an
    /// exception; its result is final. Any other result is <see cref="StoreStatus.Received"/> until the commit.
    /// </summary>
    /// <exception cref="Storage.StorageUnavailableException">Storage fails for now. What was received before can still be committed.</exception>
    ValueTask<StoreResult> ReceiveAsync(Stream source, CancellationToken cancellation);

    /// <summary>Commits everything received since the last commit, and gives one final result an instance, in order (the refused ones left out).</summary>
    /// <exception cref="Storage.StorageUnavailableException">Nothing of it may be promised.</exception>
    ValueTask<IReadOnlyList<StoreResult>> CommitAsync(CancellationToken cancellation);
}

/// <summary>What became of one instance. UIDs are null where they could not be read.</summary>
public sealed record StoreResult(
    StoreStatus Status, string? SopClassUid = null, string? SopInstanceUid = null, string? StudyInstanceUid = null, string? SeriesInstanceUid = null)
{
    /// <summary>Modality (0008,0060) of an instance that was received; empty where it says none.</summary>
    public string Modality { get; init; } = "";

    /// <summary>What is wrong, in one sentence without any value of the data set.</summary>
    public string? Reason { get; init; }

    public bool IsStored => Status is StoreStatus.Stored or StoreStatus.Duplicate or StoreStatus.DuplicateInOtherTransferSyntax
        or StoreStatus.StoredWithPatientMismatch;

    public override string ToString() => $"{Status}";
}

/// <summary>The closed set of outcomes of storing. DICOMweb and DIMSE each translate it in one table.</summary>
public enum StoreStatus
{
    /// <summary>Sealed; not promised yet.</summary>
    Received,
    Stored,

    /// <summary>The same data set was there already.</summary>
    Duplicate,

    /// <summary>The same instance was there in another transfer syntax, which is kept (a warning).</summary>
    DuplicateInOtherTransferSyntax,

    /// <summary>Stored and flagged: it names another patient than its study (a warning).</summary>
    StoredWithPatientMismatch,

    /// <summary>Not a DICOM file, cut off, or its lengths lie.</summary>
    CannotUnderstand,

    /// <summary>No Study, Series or SOP Instance UID, or a malformed one.</summary>
    MissingUid,

    /// <summary>Of another study than the request names.</summary>
    OtherStudy,

    /// <summary>Another data set with this SOP Instance UID is stored.</summary>
    Conflict,

    /// <summary>Its study was destroyed (told only to callers who may know of it).</summary>
    StudyDestroyed,

    PatientMismatch,

    /// <summary>The token is not valid (any more).</summary>
    Unauthorized,

    /// <summary>The token does not allow storing this study.</summary>
    Forbidden,

    /// <summary>The store failed on it for now.</summary>
    Unavailable,
}
