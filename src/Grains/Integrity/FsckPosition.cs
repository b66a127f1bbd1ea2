using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>Where a check stands: kept in the vault, so that another can go on from there. A phase without an order begins anew.</summary>
internal sealed record FsckPosition(FsckPhase Phase, Guid? After, FsckCounts Counts)
{
    public static FsckPosition Start { get; } = new(FsckPhase.Studies, null, FsckCounts.None);

    public StudyHandle? Study => After is { } after ? new StudyHandle(after) : null;
}

/// <summary>When the sweep of orphans last began.</summary>
internal sealed record SweepMark(DateTimeOffset Begun);
