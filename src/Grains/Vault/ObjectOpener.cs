using System.Security.Cryptography;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Opens the chunks of one sealed object in any order, docs/sealed-format.md. It allocates nothing a chunk. Not
/// thread-safe: each reader creates its own.
/// </summary>
public sealed class ObjectOpener : IDisposable
{
    private readonly byte[] headerHash;
    private readonly AesGcm cipher;

    private ObjectOpener(byte[] headerHash, int chunkSize, AesGcm cipher)
    {
        this.headerHash = headerHash;
        this.cipher = cipher;
        ChunkSize = chunkSize;
    }

    /// <summary>Plaintext bytes of every chunk but the last, 4 KiB to 1 MiB.</summary>
    public int ChunkSize { get; }

    /// <param name="header">The object's first <see cref="SealedFormat.HeaderSize"/> bytes.</param>
    /// <param name="part">The part that the object must be.</param>
    /// <exception cref="SealedObjectException">This is no sealed object, or not this part, or not sealed under this key.</exception>
    public static ObjectOpener Create(SecretKey objectKey, ReadOnlySpan<byte> header, ObjectPart part = ObjectPart.File)
    {
        ArgumentNullException.ThrowIfNull(objectKey);
        if (header.Length != SealedFormat.HeaderSize || !header.StartsWith(SealedFormat.Magic))
            throw new SealedObjectException("There is no sealed object.");
        if (header[8] != 1 || header[9] != 1 || header[10] is < 12 or > 20 || header[12..16].ContainsAnyExcept((byte)0))
            throw new SealedObjectException("The sealed object is of a version that is not known.");
        var objectId = header.Slice(SealedFormat.IdOffset, SealedFormat.IdSize);
        Span<byte> commitment = stackalloc byte[HMACSHA256.HashSizeInBytes];
        using (var commitmentKey = SecretKey.Derive(objectKey, objectId, SealedFormat.CommitmentInfo))
            HMACSHA256.HashData(commitmentKey.Span, header[..SealedFormat.CommitmentOffset], commitment);
        if (!CryptographicOperations.FixedTimeEquals(commitment, header[SealedFormat.CommitmentOffset..]))
            throw new SealedObjectException("The sealed object's header is damaged or belongs to another key.");
        if (header[11] != (byte)part)
            throw new SealedObjectException("The sealed object is another part of its instance.");
        using var chunkKey = SecretKey.Derive(objectKey, objectId, SealedFormat.ChunkInfo);
        return new ObjectOpener(SHA256.HashData(header), 1 << header[10], new AesGcm(chunkKey.Span, SealedFormat.TagSize));
    }

    /// <summary>Opens a chunk: either all of it is authentic, or <paramref name="plain"/> is zeroed and the call fails.</summary>
    /// <param name="chunkIndex">Number of the chunk, from 0.</param>
    /// <param name="last">Whether the object must end with this chunk.</param>
    /// <param name="sealedChunk">The chunk and its tag.</param>
    /// <param name="plain">As long as the chunk without its tag; it must not overlap it.</param>
    /// <exception cref="SealedObjectException">The chunk is damaged, cut off, not at its place or not of this object.</exception>
    public void Open(long chunkIndex, bool last, ReadOnlySpan<byte> sealedChunk, Span<byte> plain)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunkIndex);
        var length = sealedChunk.Length - SealedFormat.TagSize;
        if (length < 0 || length > ChunkSize || (!last && length != ChunkSize) || (length == 0 && chunkIndex > 0))
        {
            plain.Clear();
            throw new SealedObjectException("A chunk of the sealed object is cut off or too long.");
        }
        if (plain.Length != length)
            throw new ArgumentException("The destination must be as long as the chunk without its tag.", nameof(plain));
        Span<byte> nonce = stackalloc byte[SealedFormat.NonceSize];
        SealedFormat.WriteNonce(nonce, chunkIndex, last);
        try
        {
            cipher.Decrypt(nonce, sealedChunk[..length], sealedChunk[length..], plain, headerHash);
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plain);
            throw new SealedObjectException("A chunk of the sealed object is damaged or not at its place.");
        }
    }

    public void Dispose() => cipher.Dispose();
}
