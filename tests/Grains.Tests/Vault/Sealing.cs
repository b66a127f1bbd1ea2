using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

/// <summary>Seals and opens whole objects.</summary>
internal static class Sealing
{
    public static SecretKey Key(ReadOnlySpan<byte> bytes) => SecretKey.Create(bytes, static (key, source) => source.CopyTo(key));

    public static byte[] Seal(SecretKey key, ReadOnlySpan<byte> plain, int chunkSize, ObjectPart part = ObjectPart.File)
    {
        using var sealer = new ObjectSealer(key, part, chunkSize);
        return Seal(sealer, plain);
    }

    public static byte[] Seal(ObjectSealer sealer, ReadOnlySpan<byte> plain)
    {
        var result = new byte[SealedFormat.SealedLength(plain.Length, sealer.ChunkSize)];
        sealer.WriteHeader(result.AsSpan(0, SealedFormat.HeaderSize));
        for (var i = 0L; i < SealedFormat.Chunks(plain.Length, sealer.ChunkSize); i++)
        {
            var chunk = SealedFormat.ChunkAt(i, plain.Length, sealer.ChunkSize);
            sealer.Seal(
                plain.Slice((int)chunk.PlainOffset, chunk.PlainLength), chunk.IsLast, result.AsSpan((int)chunk.SealedOffset, chunk.SealedLength));
        }
        return result;
    }

    /// <summary>
    /// Opens an object as a reader does who was told its length: chunk by chunk, into <paramref name="released"/>, up to the
    /// first that fails.
    /// </summary>
    public static void Open(SecretKey key, ReadOnlySpan<byte> sealedObject, long length, List<byte> released, ObjectPart part = ObjectPart.File)
    {
        using var opener = ObjectOpener.Create(key, sealedObject[..Math.Min(sealedObject.Length, SealedFormat.HeaderSize)], part);
        for (var i = 0L; i < SealedFormat.Chunks(length, opener.ChunkSize); i++)
        {
            var chunk = SealedFormat.ChunkAt(i, length, opener.ChunkSize);
            var from = (int)Math.Min(chunk.SealedOffset, sealedObject.Length);
            var present = sealedObject[from..];
            // The last chunk is all that is left: what stands behind it is an extension of it.
            if (!chunk.IsLast)
                present = present[..Math.Min(present.Length, chunk.SealedLength)];
            var plain = new byte[Math.Max(0, present.Length - SealedFormat.TagSize)];
            Array.Fill(plain, (byte)0xAA);
            try
            {
                opener.Open(i, chunk.IsLast, present, plain);
            }
            catch (SealedObjectException)
            {
                Assert.False(plain.ContainsAnyExcept((byte)0));
                throw;
            }
            released.AddRange(plain);
        }
    }

    public static byte[] Open(SecretKey key, ReadOnlySpan<byte> sealedObject, long length, ObjectPart part = ObjectPart.File)
    {
        var released = new List<byte>();
        Open(key, sealedObject, length, released, part);
        return [.. released];
    }
}
