using SecureStore.Grains.Patients;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Audit;

/// <summary>What happened. The names follow DICOM's audit messages (PS3.15 A.5) where it has one.</summary>
public enum AuditAction
{
    /// <summary>The log's first entry: the archive was set up.</summary>
    Founded = 0,
    ApplicationStarted = 1,
    TokenIssued = 2,
    TokenRevoked = 3,
    InstancesStored = 4,
    StudyOpened = 5,
    StudyClosed = 6,
    Query = 7,
    AccessRefused = 8,
    StudyDestructionBegun = 9,
    StudyDestroyed = 10,
    LegalHoldSet = 11,
    LegalHoldReleased = 12,
    PatientMismatch = 13,
    ImplausibleDate = 14,
    RetentionRun = 15,
    KeysTurned = 16,
    AuditRead = 17,
    CertificateRead = 18,

    /// <summary>A check of the whole archive begins or ends.</summary>
    Fsck = 19,

    /// <summary>A check repaired something, or put it into quarantine.</summary>
    FsckRepair = 20,

    /// <summary>A study that the log says was destroyed was there again, after a restore, and was destroyed again.</summary>
    DestructionReplayed = 21,

    /// <summary>The log was gone on with from an older head than the newest that was seen, on an operator's word.</summary>
    AuditHeadAccepted = 22,
}

/// <summary>One event of the audit log, before it is sealed. What is not known is null.</summary>
public sealed record AuditEvent
{
    /// <summary>Random and unique: writing an event twice leaves one entry.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required AuditAction Action { get; init; }

    /// <summary>Who: the token's subject, or the part of the archive that acted ("retention").</summary>
    public required string Actor { get; init; }

    /// <summary>The token's identifier (jti).</summary>
    public string? TokenId { get; init; }

    /// <summary>The token's issuer.</summary>
    public string? TokenIssuer { get; init; }

    /// <summary>HL7 v3 PurposeOfUse code.</summary>
    public string? PurposeOfUse { get; init; }

    public string? StudyInstanceUid { get; init; }

    public PatientIdentity? Patient { get; init; }

    /// <summary>The policy action that was asked for: "read", "search" ...</summary>
    public string? PolicyAction { get; init; }

    /// <summary>Number of instances stored, released or destroyed.</summary>
    public long? Instances { get; init; }

    /// <summary>Bytes stored or released.</summary>
    public long? Bytes { get; init; }

    /// <summary>The reason given for a destruction, a hold or an emergency access.</summary>
    public string? Reason { get; init; }

    /// <summary>Further facts in words: an outcome, a rule's name.</summary>
    public string? Detail { get; init; }

    /// <summary>The viewing session that an opening and its closing belong to.</summary>
    public Guid? Session { get; init; }

    /// <summary>The caller's network address.</summary>
    public string? Address { get; init; }

    public override string ToString() => $"{Action}";
}
