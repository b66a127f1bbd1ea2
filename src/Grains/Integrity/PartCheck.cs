using System.Buffers;
using System.Security.Cryptography;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>Opens every chunk of a sealed part and keeps nothing of it.</summary>
internal static class PartCheck
{
    /// <summary>Length in a segment of a part as this version seals it.</summary>
    public static long EndOf(SealedPart part) => part.Offset + SealedFormat.SealedLength(part.Length);

    /// <returns>True where all of it is whole.</returns>
    /// <exception cref="StorageUnavailableException">It cannot be read for now.</exception>
    public static async ValueTask<bool> IsWholeAsync(
        IObjectStore objects, StudyHandle study, SealedPart part, ObjectPart kind, SecretKey objectKey, Func<long, ValueTask> read,
        CancellationToken cancellation)
    {
        using var nowhere = new Nowhere(read);
        try
        {
            using var reader = await SealedPartReader.OpenAsync(objects, study, part, kind, objectKey, cancellation);
            await reader.CopyAsync(0, part.Length, nowhere, nowhere.FlushAsync, cancellation);
            return true;
        }
        catch (Exception damage) when (damage is SealedObjectException or ObjectMissingException)
        {
            return false;
        }
    }

    /// <summary>A part that fits in memory; null where it is not whole.</summary>
    /// <inheritdoc cref="IsWholeAsync" path="/exception"/>
    public static async ValueTask<byte[]?> ReadAsync(
        IObjectStore objects, StudyHandle study, SealedPart part, ObjectPart kind, SecretKey objectKey, CancellationToken cancellation)
    {
        var bytes = new byte[part.Length];
        try
        {
            using var reader = await SealedPartReader.OpenAsync(objects, study, part, kind, objectKey, cancellation);
            await reader.ReadAsync(0, bytes, cancellation);
            return bytes;
        }
        catch (Exception damage) when (damage is SealedObjectException or ObjectMissingException)
        {
            return null;
        }
    }

    private sealed class Nowhere(Func<long, ValueTask> read) : IBufferWriter<byte>, IDisposable
    {
        private byte[] scratch = [];
        private long unreported;

        public void Advance(int count) => unreported += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (scratch.Length < Math.Max(1, sizeHint))
            {
                Dispose();
                scratch = ArrayPool<byte>.Shared.Rent(Math.Max(SealedFormat.ChunkSize, sizeHint));
            }

            return scratch;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public async ValueTask FlushAsync(CancellationToken cancellation)
        {
            await read(unreported);
            unreported = 0;
        }

        public void Dispose()
        {
            if (scratch.Length > 0)
            {
                CryptographicOperations.ZeroMemory(scratch);
                ArrayPool<byte>.Shared.Return(scratch);
                scratch = [];
            }
        }
    }
}
