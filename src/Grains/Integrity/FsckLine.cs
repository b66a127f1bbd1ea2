namespace SecureStore.Grains.Integrity;

/// <summary>What a check tells of itself as it goes.</summary>
public abstract record FsckLine
{
    /// <summary>The check begins.</summary>
    public sealed record Begin(bool Resumed) : FsckLine;

    /// <summary>How far it is: the phase, and which share of it is done (0 to 1).</summary>
    public sealed record Progress(FsckPhase Phase, double Share, FsckCounts Counts) : FsckLine;

    /// <summary>Something is wrong.</summary>
    public sealed record Finding(Damage Damage, DamageOutcome Outcome) : FsckLine;

    /// <summary>Something that is known to be damaged, from an earlier check.</summary>
    public sealed record Known(Damage Damage, DateTimeOffset? Since) : FsckLine;

    /// <summary>The check is at its end.</summary>
    public sealed record End(FsckCounts Counts) : FsckLine;
}

/// <summary>The parts of a check, in their order.</summary>
public enum FsckPhase
{
    /// <summary>The catalog's studies, each with its key, its instances and its segments.</summary>
    Studies,

    /// <summary>The studies that the object store has.</summary>
    Objects,

    /// <summary>The studies that the vault has.</summary>
    Keys,

    /// <summary>The patients that the vault has.</summary>
    Patients,

    /// <summary>What is in quarantine.</summary>
    Quarantine,
}

/// <summary>What a check has seen so far.</summary>
/// <param name="Studies">Studies looked at, tombstones too.</param>
/// <param name="Instances">Instances looked at.</param>
/// <param name="Bytes">Bytes opened and verified.</param>
/// <param name="Findings">Damages found.</param>
/// <param name="Repaired">Of these, repaired.</param>
/// <param name="Quarantined">Of these, put into quarantine.</param>
/// <param name="Known">Damages in quarantine from earlier checks.</param>
public sealed record FsckCounts(long Studies, long Instances, long Bytes, long Findings, long Repaired, long Quarantined, long Known)
{
    public static FsckCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    /// <summary>Damages that nothing was done about.</summary>
    public long Left => Findings - Repaired - Quarantined;
}
