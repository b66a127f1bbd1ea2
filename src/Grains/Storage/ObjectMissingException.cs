namespace SecureStore.Grains.Storage;

/// <summary>The object store does not hold a segment that a record points to.</summary>
public sealed class ObjectMissingException(SegmentId segment) : Exception($"Segment {segment} is missing.")
{
    public SegmentId Segment { get; } = segment;
}
