using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <summary>A sealed object inside a segment: where it begins there, and its length before sealing, both in bytes.</summary>
[GenerateSerializer, Immutable, Alias("securestore.SealedPart")]
public sealed record SealedPart([property: Id(0)] SegmentId Segment, [property: Id(1)] long Offset, [property: Id(2)] long Length);
