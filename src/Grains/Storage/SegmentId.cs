namespace SecureStore.Grains.Storage;

/// <summary>The random name of a segment: one file (or blob) that holds sealed objects of one study.</summary>
[GenerateSerializer, Immutable, Alias("securestore.SegmentId")]
public readonly record struct SegmentId([property: Id(0)] Guid Value)
{
    public static SegmentId New() => new(Guid.NewGuid());

    public override string ToString() => Value.ToString("N");
}
