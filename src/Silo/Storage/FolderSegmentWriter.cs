using System.Buffers;
using System.Collections.Concurrent;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>
/// Streams one object into a file of its own, which is removed unless the object was completed. Whole blocks are written as they come;
/// what does not fill one waits for the next bytes.
/// </summary>
internal sealed class FolderSegmentWriter(SegmentFile file, ConcurrentDictionary<SegmentId, SegmentFile> unsettled) : ISegmentWriter
{
    private const int StagedAtMost = 1 << 20;

    private IMemoryOwner<byte>? staging;
    private int staged;
    private bool complete;

    public SegmentId Segment => file.Segment;

    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        while (!sealedBytes.IsEmpty)
            sealedBytes = sealedBytes[await TakeAsync(sealedBytes, cancellation).ConfigureAwait(false)..];
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        await WriteStagedAsync(cancellation).ConfigureAwait(false);
        try
        {
            await file.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }

        complete = true;
        Unstage();
        unsettled.TryRemove(Segment, out _);
        file.Leave();
    }

    public ValueTask DisposeAsync()
    {
        if (complete)
            return ValueTask.CompletedTask;
        Unstage();
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

    /// <returns>How many of the bytes are written or staged now.</returns>
    private async ValueTask<int> TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var whole = bytes.Length & -BlockMemory.BlockSize;
        if (staged == 0 && whole > 0)
        {
            await WriteAsync(bytes[..whole], Length, cancellation).ConfigureAwait(false);
            Length += whole;
            return whole;
        }

        staging ??= BlockMemory.Rent(StagedAtMost);
        var taken = Math.Min(bytes.Length, StagedAtMost - staged);
        bytes[..taken].CopyTo(staging.Memory[staged..]);
        staged += taken;
        Length += taken;
        if (staged == StagedAtMost)
            await WriteStagedAsync(cancellation).ConfigureAwait(false);
        return taken;
    }

    private async ValueTask WriteStagedAsync(CancellationToken cancellation)
    {
        if (staged == 0)
            return;
        await WriteAsync(staging!.Memory[..staged], Length - staged, cancellation).ConfigureAwait(false);
        staged = 0;
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellation)
    {
        if (!file.TryAcquire())
            throw new ObjectMissingException(Segment);
        try
        {
            await file.WriteAsync(bytes, offset, cancellation).ConfigureAwait(false);
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

    private void Unstage()
    {
        staging?.Dispose();
        staging = null;
    }
}
