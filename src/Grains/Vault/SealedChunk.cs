namespace SecureStore.Grains.Vault;

/// <summary>Where a chunk stands in its sealed object and in the plaintext, in bytes.</summary>
public readonly record struct SealedChunk
{
    /// <summary>Number of the chunk, from 0.</summary>
    public required long Index { get; init; }

    public required bool IsLast { get; init; }

    public required long PlainOffset { get; init; }

    /// <summary>0 only for the one chunk of an empty object.</summary>
    public required int PlainLength { get; init; }

    /// <summary>Counted from the object's header.</summary>
    public required long SealedOffset { get; init; }

    public int SealedLength => PlainLength + SealedFormat.TagSize;
}
