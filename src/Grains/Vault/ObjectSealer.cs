using System.Numerics;
using System.Security.Cryptography;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Seals one object, chunk by chunk, docs/sealed-format.md: first the header, then the chunks in their order, the last
/// one marked. It allocates nothing a chunk. Not thread-safe.
/// </summary>
public sealed class ObjectSealer : IDisposable
{
    private readonly byte[] header = new byte[SealedFormat.HeaderSize];
    private readonly byte[] headerHash;
    private readonly AesGcm cipher;
    private long next;
    private State state;

    public ObjectSealer(SecretKey objectKey, ObjectPart part = ObjectPart.File, int chunkSize = SealedFormat.ChunkSize)
        : this(objectKey, part, chunkSize, RandomNumberGenerator.GetBytes(SealedFormat.IdSize))
    {
    }

    internal ObjectSealer(SecretKey objectKey, ObjectPart part, int chunkSize, ReadOnlySpan<byte> objectId)
    {
        ArgumentNullException.ThrowIfNull(objectKey);
        SealedFormat.CheckChunkSize(chunkSize);
        if (!Enum.IsDefined(part))
            throw new ArgumentOutOfRangeException(nameof(part));
        ChunkSize = chunkSize;
        SealedFormat.Magic.CopyTo(header);
        header[8] = 1;
        header[9] = 1;
        header[10] = (byte)BitOperations.Log2((uint)chunkSize);
        header[11] = (byte)part;
        objectId.CopyTo(header.AsSpan(SealedFormat.IdOffset, SealedFormat.IdSize));
        using (var commitmentKey = SecretKey.Derive(objectKey, objectId, SealedFormat.CommitmentInfo))
            HMACSHA256.HashData(commitmentKey.Span, header.AsSpan(0, SealedFormat.CommitmentOffset), header.AsSpan(SealedFormat.CommitmentOffset));
        headerHash = SHA256.HashData(header);
        using var chunkKey = SecretKey.Derive(objectKey, objectId, SealedFormat.ChunkInfo);
        cipher = new AesGcm(chunkKey.Span, SealedFormat.TagSize);
    }

    private enum State
    {
        New,
        Open,
        Ended,
        Disposed,
    }

    /// <summary>Plaintext bytes of every chunk but the last.</summary>
    public int ChunkSize { get; }

    /// <summary>Writes the header: <see cref="SealedFormat.HeaderSize"/> bytes.</summary>
    /// <exception cref="InvalidOperationException">The header was written before.</exception>
    public void WriteHeader(Span<byte> destination)
    {
        Require(State.New);
        header.CopyTo(destination);
        state = State.Open;
    }

    /// <summary>Seals the next chunk.</summary>
    /// <param name="plain">A whole chunk; the last one may be shorter, and is empty only in an empty object.</param>
    /// <param name="last">True for the last chunk: nothing can follow.</param>
    /// <param name="destination">Gets <paramref name="plain"/>'s length and <see cref="SealedFormat.TagSize"/> bytes more; it must not overlap it.</param>
    /// <exception cref="ArgumentException">A length is not as it must be; nothing was sealed.</exception>
    /// <exception cref="InvalidOperationException">The header is not written yet, or the last chunk was sealed.</exception>
    public void Seal(ReadOnlySpan<byte> plain, bool last, Span<byte> destination)
    {
        Require(State.Open);
        if (plain.Length > ChunkSize || (!last && plain.Length != ChunkSize) || (plain.IsEmpty && next > 0))
            throw new ArgumentException("Every chunk but the last is a whole one, and only an empty object has an empty chunk.", nameof(plain));
        if (destination.Length != plain.Length + SealedFormat.TagSize)
            throw new ArgumentException("The destination must hold the chunk and its tag.", nameof(destination));
        Span<byte> nonce = stackalloc byte[SealedFormat.NonceSize];
        SealedFormat.WriteNonce(nonce, next, last);
        next++;
        if (last)
            state = State.Ended;
        cipher.Encrypt(nonce, plain, destination[..plain.Length], destination[plain.Length..], headerHash);
    }

    public void Dispose()
    {
        state = State.Disposed;
        cipher.Dispose();
    }

    private void Require(State wanted)
    {
        ObjectDisposedException.ThrowIf(state == State.Disposed, this);
        if (state != wanted)
            throw new InvalidOperationException("A sealed object is its header, then its chunks, the last one marked.");
    }
}
