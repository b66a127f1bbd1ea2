using System.Numerics;

namespace SecureStore.Grains.Vault;

/// <summary>
/// The layout of sealed objects, docs/sealed-format.md. Lengths and offsets are in bytes; sealed offsets count from the
/// object's header. Values that are negative or lead beyond 63 bits are an <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
public static class SealedFormat
{
    /// <summary>Plaintext bytes of a chunk as this version writes them.</summary>
    public const int ChunkSize = 65536;

    public const int MinChunkSize = 4096;

    public const int MaxChunkSize = 1048576;

    public const int TagSize = 16;

    public const int HeaderSize = 64;

    internal const int NonceSize = 12;
    internal const int IdOffset = 16;
    internal const int IdSize = 16;
    internal const int CommitmentOffset = 32;

    internal static ReadOnlySpan<byte> Magic => [0x89, 0x53, 0x45, 0x41, 0x4C, 0x0D, 0x0A, 0x1A];

    internal static ReadOnlySpan<byte> ChunkInfo => "SecureStore sealed object v1 chunks"u8;

    internal static ReadOnlySpan<byte> CommitmentInfo => "SecureStore sealed object v1 commitment"u8;

    /// <summary>Chunks of a plaintext: 1 or more.</summary>
    public static long Chunks(long plainLength, int chunkSize = ChunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plainLength);
        CheckChunkSize(chunkSize);
        return plainLength == 0 ? 1 : (plainLength - 1) / chunkSize + 1;
    }

    /// <summary>Length of the sealed object, header and tags included.</summary>
    public static long SealedLength(long plainLength, int chunkSize = ChunkSize)
    {
        var overhead = HeaderSize + Chunks(plainLength, chunkSize) * TagSize;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plainLength, long.MaxValue - overhead);
        return plainLength + overhead;
    }

    /// <summary>Where a chunk of an object of a known plaintext length stands.</summary>
    public static SealedChunk ChunkAt(long index, long plainLength, int chunkSize = ChunkSize)
    {
        SealedLength(plainLength, chunkSize);
        var last = Chunks(plainLength, chunkSize) - 1;
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, last);
        var plainOffset = index * chunkSize;
        return new SealedChunk
        {
            Index = index,
            IsLast = index == last,
            PlainOffset = plainOffset,
            PlainLength = (int)Math.Min(chunkSize, plainLength - plainOffset),
            SealedOffset = HeaderSize + index * (chunkSize + TagSize),
        };
    }

    /// <summary>The chunks, first and last index, that hold a range of at least one byte of the plaintext.</summary>
    public static (long First, long Last) ChunksOf(long offset, long count, long plainLength, int chunkSize = ChunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, plainLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, plainLength - count);
        CheckChunkSize(chunkSize);
        return (offset / chunkSize, (offset + count - 1) / chunkSize);
    }

    internal static void CheckChunkSize(int chunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, MinChunkSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkSize, MaxChunkSize);
        if (!BitOperations.IsPow2(chunkSize))
            throw new ArgumentOutOfRangeException(nameof(chunkSize), "A chunk size is a power of two.");
    }

    /// <summary>88-bit big-endian counter, then the last-chunk flag.</summary>
    internal static void WriteNonce(Span<byte> nonce, long chunkIndex, bool last)
    {
        nonce[..3].Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(nonce[3..], chunkIndex);
        nonce[11] = last ? (byte)1 : (byte)0;
    }
}
