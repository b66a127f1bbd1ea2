using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>Streams one object into a blob of its own, which is removed unless the object was completed.</summary>
/// <param name="segment">The blob, which nobody else writes.</param>
/// <param name="end">Told once, at the end, whether the object was completed.</param>
internal sealed class BlobSegmentWriter(BlobSegment segment, Func<bool, Task> end) : ISegmentWriter
{
    private bool ended;

    public SegmentId Segment => segment.Segment;

    public long Length { get; private set; }

    /// <exception cref="StorageUnavailableException">The object is lost, or larger than a blob can be.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        cancellation.ThrowIfCancellationRequested();
        var taken = segment.Append(sealedBytes.Span) is not null;
        await segment.KeepUpAsync(cancellation).ConfigureAwait(false);
        if (!taken)
            throw StorageFaults.Unavailable(new IOException("The segment takes no more."));
        Length += sealedBytes.Length;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        await segment.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        ended = true;
        await end(true).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (ended)
            return;
        ended = true;
        await end(false).ConfigureAwait(false);
    }
}
