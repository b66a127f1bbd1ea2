using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>What a check found of one study.</summary>
internal sealed class StudyReport(StudyRow row)
{
    private readonly List<Damage> damages = [];
    private readonly List<Damage> lost = [];

    /// <summary>The row that was looked at.</summary>
    public StudyRow Row => row;

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>Instances that are marked as lost: known, and no damage any more.</summary>
    public IReadOnlyList<Damage> Lost => lost;

    public long Instances { get; set; }

    public string? StudyInstanceUid { get; set; }

    public void Add(DamageKind kind) => Add(new Damage(kind));

    public void Add(Damage damage) => damages.Add(Located(damage));

    public void Add(DamageKind kind, SegmentId segment) => Add(new Damage(kind) { Segment = segment });

    public void Add(DamageKind kind, InstanceRow of, InstanceRecord? record, SegmentId? segment = null) =>
        Add(Of(kind, of, record) with { Segment = segment });

    public void AddLost(InstanceRow of, InstanceRecord record) =>
        lost.Add(Located(Of(DamageKind.DamagedObject, of, record)) with { Segment = record.Object.Segment });

    private static Damage Of(DamageKind kind, InstanceRow of, InstanceRecord? record) =>
        new(kind) { Instance = of.SopInstanceUid, SopInstanceUid = record?.SopInstanceUid };

    private Damage Located(Damage damage) => damage with { Study = row.Study, StudyInstanceUid = StudyInstanceUid };
}
