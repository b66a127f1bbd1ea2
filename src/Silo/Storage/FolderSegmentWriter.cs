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

    public ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        while (!sealedBytes.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            sealedBytes = sealedBytes[Take(sealedBytes)..];
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        WriteStaged();
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
    private int Take(ReadOnlyMemory<byte> bytes)
    {
        var whole = bytes.Length & -BlockMemory.BlockSize;
        if (staged == 0 && whole > 0)
        {
            Write(bytes[..whole], Length);
            Length += whole;
            return whole;
        }

        staging ??= BlockMemory.Rent(StagedAtMost);
        var taken = Math.Min(bytes.Length, StagedAtMost - staged);
        bytes[..taken].CopyTo(staging.Memory[staged..]);
        staged += taken;
        Length += taken;
        if (staged == StagedAtMost)
            WriteStaged();
        return taken;
    }

    private void WriteStaged()
    {
        if (staged == 0)
            return;
        Write(staging!.Memory[..staged], Length - staged);
        staged = 0;
    }

    private void Write(ReadOnlyMemory<byte> bytes, long offset)
    {
        if (!file.TryAcquire())
            throw new ObjectMissingException(Segment);
        try
        {
            file.Write(bytes, offset);
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
