using System.Collections.Concurrent;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>Streams one object into a file of its own, which is removed unless the object was completed.</summary>
internal sealed class FolderSegmentWriter(SegmentFile file, ConcurrentDictionary<SegmentId, SegmentFile> unsettled) : ISegmentWriter
{
    private bool complete;

    public SegmentId Segment => file.Segment;

    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        if (!file.TryAcquire())
            throw new ObjectMissingException(Segment);
        try
        {
            await file.WriteAsync(sealedBytes, Length, cancellation).ConfigureAwait(false);
            Length += sealedBytes.Length;
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
        finally
        {
            file.Release();
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        try
        {
            await file.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }

        complete = true;
        unsettled.TryRemove(Segment, out _);
        file.Leave();
    }

    public ValueTask DisposeAsync()
    {
        if (complete)
            return ValueTask.CompletedTask;
        unsettled.TryRemove(Segment, out _);
        try
        {
            file.Delete();
            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            return ValueTask.FromException(StorageFaults.Unavailable(e));
        }
    }
}
