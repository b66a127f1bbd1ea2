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
[GenerateSerializer, Immutable]
public sealed record AuditEvent
{
    /// <summary>Random and unique: writing an event twice leaves one entry.</summary>
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required DateTimeOffset Time { get; init; }

    [Id(2)] public required AuditAction Action { get; init; }

    /// <summary>Who: the token's subject, or the part of the archive that acted ("retention").</summary>
    [Id(3)] public required string Actor { get; init; }

    /// <summary>The token's identifier (jti).</summary>
    [Id(4)] public string? TokenId { get; init; }

    /// <summary>The token's issuer.</summary>
    [Id(5)] public string? TokenIssuer { get; init; }

    /// <summary>HL7 v3 PurposeOfUse code.</summary>
    [Id(6)] public string? PurposeOfUse { get; init; }

    [Id(7)] public string? StudyInstanceUid { get; init; }

    [Id(8)] public PatientIdentity? Patient { get; init; }

    /// <summary>The policy action that was asked for: "read", "search" ...</summary>
    [Id(9)] public string? PolicyAction { get; init; }

    /// <summary>Number of instances stored, released or destroyed.</summary>
    [Id(10)] public long? Instances { get; init; }

    /// <summary>Bytes stored or released.</summary>
    [Id(11)] public long? Bytes { get; init; }

    /// <summary>The reason given for a destruction, a hold or an emergency access.</summary>
    [Id(12)] public string? Reason { get; init; }

    /// <summary>Further facts in words: an outcome, a rule's name.</summary>
    [Id(13)] public string? Detail { get; init; }

    /// <summary>The viewing session that an opening and its closing belong to.</summary>
    [Id(14)] public Guid? Session { get; init; }

    /// <summary>The caller's network address.</summary>
    [Id(15)] public string? Address { get; init; }

    public override string ToString() => $"{Action}";
}
