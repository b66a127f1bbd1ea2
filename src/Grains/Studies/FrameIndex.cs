namespace SecureStore.Grains.Studies;

/// <summary>
/// Where an instance's frames are in the file. Native frames follow one another and are reckoned; encapsulated frames
/// stand in a sealed table of <see cref="EntrySize"/> bytes a fragment group.
/// </summary>
[GenerateSerializer, Immutable, Alias("securestore.FrameIndex")]
public sealed record FrameIndex
{
    /// <summary>Bytes of one table entry: offset and length of the frame's data in the file, both 64-bit little endian.</summary>
    public const int EntrySize = 16;

    /// <summary>Number of frames, 1 or more.</summary>
    [Id(0)] public required int Count { get; init; }

    /// <summary>Native: the offset of frame 1 in bytes; bit-packed frames (1 bit a pixel) may begin within a byte.</summary>
    [Id(1)] public long NativeOffset { get; init; }

    /// <summary>Native: bits in one frame; 0 where the frames are encapsulated.</summary>
    [Id(2)] public long NativeFrameBits { get; init; }

    /// <summary>
    /// Encapsulated: a sealed table. First <see cref="Count"/> entries, one a frame: (index of its first fragment, number of its
    /// fragments); then one entry a fragment: (offset, length) in the file.
    /// </summary>
    [Id(3)] public SealedPart? Table { get; init; }

    /// <summary>Bits Allocated (0028,0100): 1, 8, 16, 32 or 64.</summary>
    [Id(4)] public int BitsAllocated { get; init; } = 8;
}
