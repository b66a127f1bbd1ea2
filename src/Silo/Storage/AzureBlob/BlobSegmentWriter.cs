using System.Buffers;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// Streams one object into a blob of its own, block by block: while one is on its way the next is filled, and no third is
/// begun.
/// </summary>
/// <param name="segment">The blob, which nobody else writes.</param>
/// <param name="blockSize">Bytes of a block.</param>
/// <param name="end">Told once, at the end, whether the object was completed.</param>
internal sealed class BlobSegmentWriter(BlobSegment segment, int blockSize, Func<bool, Task> end) : ISegmentWriter
{
    private readonly CancellationTokenSource disposed = new();
    private byte[]? filling;
    private int used;
    private Task sending = Task.CompletedTask;
    private bool ended;

    public SegmentId Segment => segment.Segment;

    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        while (!sealedBytes.IsEmpty)
        {
            if (used == blockSize)
                await SendAsync(cancellation).ConfigureAwait(false);
            filling ??= ArrayPool<byte>.Shared.Rent(blockSize);
            var part = sealedBytes[..Math.Min(sealedBytes.Length, blockSize - used)];
            part.CopyTo(filling.AsMemory(used));
            used += part.Length;
            Length += part.Length;
            sealedBytes = sealedBytes[part.Length..];
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        if (used > 0)
            await SendAsync(cancellation).ConfigureAwait(false);
        await sending.WaitAsync(cancellation).ConfigureAwait(false);
        await segment.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        ended = true;
        await end(true).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await disposed.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (filling is not null)
            ArrayPool<byte>.Shared.Return(filling);
        filling = null;
        if (!ended)
        {
            ended = true;
            await end(false).ConfigureAwait(false);
        }

        disposed.Dispose();
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        await sending.WaitAsync(cancellation).ConfigureAwait(false);
        if (!segment.TryEnter())
            throw new ObjectMissingException(Segment);
        var (block, length) = (filling!, used);
        (filling, used) = (null, 0);
        sending = AppendAsync(block, length);
    }

    private async Task AppendAsync(byte[] block, int length)
    {
        try
        {
            await segment.AppendAsync(block.AsMemory(0, length), disposed.Token).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
