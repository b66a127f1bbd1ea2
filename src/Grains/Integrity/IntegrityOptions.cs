namespace SecureStore.Grains.Integrity;

/// <summary>Settings of checks.</summary>
public sealed record IntegrityOptions
{
    /// <summary>Objects:OrphanGrace: segments that no record points to are left alone for this long after they were last written.</summary>
    public TimeSpan OrphanGrace { get; init; } = TimeSpan.FromDays(1);
}
