using System.Net;
using Orleans.Runtime;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Versions;

/// <summary>One value of each kind, with every member set: what the vectors were recorded from. A member that is added gets its value here.</summary>
internal static class Samples
{
    public static readonly StudyHandle Study = new(Guid.Parse("5a5a0000-0000-4000-8000-000000000001"));
    public static readonly PatientHandle Handle = new(Guid.Parse("5a5a0000-0000-4000-8000-000000000002"));
    public static readonly PatientIdentity Patient = new("HOSPITAL", "P-1");
    public static readonly DateTimeOffset Received = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly SegmentId Segment = new(Guid.Parse("5a5a0000-0000-4000-8000-000000000003"));
    private static readonly Guid Lease = Guid.Parse("5a5a0000-0000-4000-8000-000000000004");
    private static readonly SiloAddress Silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111), 7);

    public static InstanceRecord Record => new()
    {
        SopClassUid = "1.2.840.10008.5.1.4.1.1.2",
        SopInstanceUid = "1.2.3.1",
        SeriesInstanceUid = "1.2.3.2",
        TransferSyntaxUid = "1.2.840.10008.1.2.1",
        Object = new SealedPart(Segment, 10, 20),
        Metadata = new SealedPart(Segment, 30, 40),
        MetadataSplices = new List<int> { 5, 6 },
        Frames = new FrameIndex { Count = 2, NativeOffset = 3, NativeFrameBits = 4, Table = new SealedPart(Segment, 50, 60), BitsAllocated = 16 },
        WrappedKey = Bytes(60, 1),
        DataSetMac = Bytes(32, 2),
        AttributesMac = Bytes(32, 3),
        Attributes = "{\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}"u8.ToArray(),
        Received = Received,
        PatientMismatch = true,
        OffsetsAreInflated = true,
        DataSetOffset = 300,
    };

    public static StudyFacts Facts => new()
    {
        StudyInstanceUid = "1.2.3",
        Patient = Patient,
        PatientHandle = Handle,
        Received = Received,
        RetentionStart = new DateOnly(2029, 12, 1),
        DueDay = new DateOnly(2039, 12, 1),
        RetentionRule = "films",
        LegalHold = "court",
        Attributes = "{}"u8.ToArray(),
        Series =
        [
            new SeriesFacts
            {
                SeriesInstanceUid = "1.2.3.2", Modality = "CT", Attributes = "{}"u8.ToArray(), Instances = 1, SopClasses = ["1.2.840.10008.5.1.4.1.1.2"],
            },
        ],
        Bytes = 20,
    };

    public static DestructionCertificate Certificate => new()
    {
        CertificateId = Lease,
        StudyInstanceUid = "1.2.3",
        Series = 1,
        Instances = 2,
        Bytes = 3,
        Received = Received,
        RetentionStart = new DateOnly(2029, 12, 1),
        DueDay = new DateOnly(2039, 12, 1),
        Rule = "films",
        Reason = "Retention rule films",
        Actor = "retention",
        TokenId = "jti",
        DestroyedAt = Received.AddYears(10),
        BeyondBackupsAt = Received.AddYears(10).AddDays(8),
        KeyProvider = "key files",
        Statement = DestructionCertificate.FileProviderStatement,
    };

    public static Tombstone Tombstone(bool isFinal) => new()
    {
        StudyInstanceUid = "1.2.3", PatientHandle = Handle, PatientMac = Bytes(32, 4), Certificate = Certificate, IsFinal = isFinal,
    };

    public static AuditEvent Event => new()
    {
        Id = Lease,
        Time = Received,
        Action = AuditAction.StudyClosed,
        Actor = "dr",
        TokenId = "jti",
        TokenIssuer = "https://issuer.test",
        PurposeOfUse = "TREAT",
        StudyInstanceUid = "1.2.3",
        Patient = Patient,
        PolicyAction = "Read",
        Instances = 1,
        Bytes = 2,
        Reason = "why",
        Detail = "end",
        Session = Lease,
        Address = "192.0.2.1",
    };

    /// <summary>One of each type that is part of a message.</summary>
    public static IReadOnlyDictionary<Type, object> OfMessages { get; } = new object[]
    {
        Lease,
        "text",
        true,
        7,
        TimeSpan.FromSeconds(30),
        Silo,
        Study,
        Handle,
        Patient,
        Segment,
        new[] { Segment },
        new Mac(Bytes(32, 5)),
        Record,
        Record.Object,
        Record.Frames!,
        new Released(3, 4),
        new StoreRequest { Token = "raw", StudyInstanceUid = "1.2.3", Patient = Patient, Address = "192.0.2.1" },
        new StoreDecision(StoreVerdict.Granted, Lease),
        StoreVerdict.PatientMismatch,
        Commit,
        new[] { Commit },
        CommitOutcome.Conflict,
        new[] { CommitOutcome.Stored, CommitOutcome.Destroyed },
        new StudyRequest("raw", "why"),
        new ReadRequest { Token = "raw", Action = PolicyActions.Read, Address = "192.0.2.1", Silo = Silo },
        new ReadDecision(ReadVerdict.Granted, Lease, TimeSpan.FromSeconds(30)),
        ReadVerdict.Forbidden,
        new DestroyDecision(DestroyVerdict.Destroyed, "{}"),
        DestroyVerdict.NotDue,
        new HoldDecision(ReadVerdict.Granted),
        new StorageUnavailable("Away."),
        Session,
        new[] { Session },
        StudyKeyOutcome.PatientGone,
        new KeyDestruction(Received, Received.AddDays(8), "key files", [new RotatedPage(Lease, 9)]),
        new RotatedPage(Lease, 9),
        new[] { new RotatedPage(Lease, 9) },
        new EpochTurn { Current = Lease, Superseded = [Study.Value], Ended = [Handle.Value] },
        new SweepResult(1, 2, 3),
        new SweepProgress(Lease, new SweepResult(1, 2, 3)),
    }.ToDictionary(sample => sample.GetType());

    private static InstanceCommit Commit => new()
    {
        Record = Record, Patient = Patient, StudyDate = "20291201", Modality = "CT", StudyAttributes = "{}"u8.ToArray(), SeriesAttributes = "{}"u8.ToArray(),
    };

    private static ClosedSession Session => new()
    {
        Lease = Lease, Subject = "dr", TokenId = "jti", TokenIssuer = "https://issuer.test", Action = PolicyActions.Read, Released = new Released(3, 4),
    };

    private static byte[] Bytes(int count, byte value) => [.. Enumerable.Repeat(value, count)];
}
