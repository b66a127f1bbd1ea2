using System.Buffers;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>Gathers what becomes one block, in pooled memory that grows with it.</summary>
internal sealed class BlockBuffer(int limit) : IDisposable
{
    private byte[] bytes = [];

    /// <summary>Bytes in it.</summary>
    public int Length { get; private set; }

    public bool IsFull => Length == limit;

    public ReadOnlyMemory<byte> Bytes => bytes.AsMemory(0, Length);

    /// <summary>Takes as much as fits.</summary>
    /// <returns>Bytes taken.</returns>
    public int Take(ReadOnlySpan<byte> more)
    {
        var count = Math.Min(more.Length, limit - Length);
        if (Length + count > bytes.Length)
            Grow(Length + count);
        more[..count].CopyTo(bytes.AsSpan(Length));
        Length += count;
        return count;
    }

    public void Dispose()
    {
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        Length = 0;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(limit, Math.Max(needed, 2 * bytes.Length)));
        Bytes.Span.CopyTo(larger);
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
