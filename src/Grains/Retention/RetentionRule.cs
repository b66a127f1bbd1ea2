namespace SecureStore.Grains.Retention;

/// <summary>Keeps studies of a modality (0008,0060), or of every modality where none is named, for a period.</summary>
public sealed record RetentionRule(string Name, string? Modality, RetentionPeriod Keep)
{
    public bool Covers(string modality) => Modality is null || Modality == modality;
}
