namespace SecureStore.Grains.Studies;

/// <summary>What to do with an instance that names another patient than its study is bound to (<c>Identity:OnMismatch</c>).</summary>
public enum PatientMismatchRule
{
    /// <summary>Store and flag it.</summary>
    Flag,

    /// <summary>Refuse it.</summary>
    Refuse,
}

/// <summary>Settings of storing.</summary>
public sealed record StudyOptions
{
    public PatientMismatchRule OnMismatch { get; init; }

    /// <summary>Bytes of one object held in memory while it arrives; a larger one takes a segment of its own.</summary>
    public int WriteBuffer { get; init; } = 1 << 20;
}
