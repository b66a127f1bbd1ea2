using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>One thing that is wrong, and where. What is not known, or does not apply, is null.</summary>
public sealed record Damage(DamageKind Kind)
{
    public StudyHandle? Study { get; init; }

    public SegmentId? Segment { get; init; }

    /// <summary>The vault's handle of the patient.</summary>
    public Guid? Patient { get; init; }

    /// <summary>MAC of the SOP Instance UID.</summary>
    public Mac? Instance { get; init; }

    public string? StudyInstanceUid { get; init; }

    public string? SopInstanceUid { get; init; }

    /// <summary>Whether it takes the bytes of an instance with it.</summary>
    public bool LosesBytes => Kind is DamageKind.MissingSegment or DamageKind.ShortSegment or DamageKind.DamagedObject;

    public override string ToString() => $"{Kind}";
}

/// <summary>What became of a damage.</summary>
public enum DamageOutcome
{
    /// <summary>Found; nothing was to be repaired.</summary>
    Found,

    Repaired,

    /// <summary>It cannot be repaired; it is marked, out of the way, and nothing of it was deleted.</summary>
    Quarantined,

    /// <summary>It was to be repaired and could not be.</summary>
    Left,
}
