using System.Buffers.Binary;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// A segment that this process writes: a block blob of its own making. An append is staged as a block and gets its place
/// behind the others once it is staged, so that one that fails leaves no gap; a flush commits the list of all blocks.
/// </summary>
internal sealed class BlobSegment
{
    private readonly BlobCalls calls;
    private readonly BlockBlobClient blob;
    private readonly int capacity;
    private readonly GroupFlush flush;
    private readonly Lock gate = new();
    private readonly List<string> blocks = [];
    private TaskCompletionSource? drained;
    private ETag? committed;
    private int committedBlocks;
    private int staged;
    private int taken;
    private int inside;
    private long length;
    private bool closed;
    private bool failed;
    private bool deleted;

    /// <param name="calls">The container.</param>
    /// <param name="study">The study it belongs to.</param>
    /// <param name="capacity">Appends that it takes at most.</param>
    public BlobSegment(BlobCalls calls, StudyHandle study, int capacity)
    {
        this.calls = calls;
        this.capacity = capacity;
        Study = study;
        blob = calls.Blob(BlobLayout.Name(study, Segment));
        flush = new GroupFlush(CommitAsync);
    }

    public StudyHandle Study { get; }

    public SegmentId Segment { get; } = SegmentId.New();

    /// <summary>Bytes appended so far.</summary>
    public long Length => Interlocked.Read(ref length);

    /// <summary>Timestamp of the last append, kept by the store.</summary>
    public long LastUsed { get; set; }

    /// <summary>Room for one append, to be followed by <see cref="AppendAsync"/>; false where the segment takes no more.</summary>
    public bool TryEnter()
    {
        lock (gate)
        {
            if (closed || failed || deleted || taken == capacity)
                return false;
            taken++;
            inside++;
            return true;
        }
    }

    /// <summary>Stages bytes (one at least) in the room that <see cref="TryEnter"/> gave.</summary>
    /// <returns>The offset in bytes.</returns>
    /// <exception cref="ObjectMissingException">The segment has been deleted.</exception>
    /// <exception cref="StorageUnavailableException">Nothing was appended.</exception>
    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var appended = false;
        try
        {
            var block = BlockName(Interlocked.Increment(ref staged));
            await calls.StageAsync(blob, block, bytes, cancellation).ConfigureAwait(false);
            lock (gate)
            {
                ThrowIfLost();
                blocks.Add(block);
                appended = true;
                return Interlocked.Add(ref length, bytes.Length) - bytes.Length;
            }
        }
        finally
        {
            Leave(appended);
        }
    }

    /// <summary>Makes all that has been appended durable, and readable.</summary>
    /// <exception cref="ObjectMissingException">The segment has been deleted.</exception>
    /// <exception cref="StorageUnavailableException">This flush, or an earlier one, was not done for certain.</exception>
    public async Task FlushAsync()
    {
        await flush.RunAsync().ConfigureAwait(false);
        lock (gate)
            ThrowIfLost();
    }

    /// <summary>Takes no more, and makes durable what came. A segment that nothing came to is never made.</summary>
    public async Task CloseAsync()
    {
        await DrainAsync().ConfigureAwait(false);
        lock (gate)
        {
            if (blocks.Count == 0 && !failed && !deleted)
                return;
        }

        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>From now on no flush succeeds and nothing is appended; completes when what was on its way has ended.</summary>
    public async Task AbandonAsync()
    {
        lock (gate)
            deleted = true;
        await DrainAsync().ConfigureAwait(false);
        await flush.RunAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Removes the blob of a segment that was abandoned. Where nothing was ever sent there is none.</summary>
    public async Task RemoveAsync()
    {
        if (Volatile.Read(ref staged) > 0)
            await RemoveAsync(calls, blob, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes a blob whatever state it is in. One that was never committed cannot be deleted: it is committed without blocks
    /// first, which throws its staged blocks away.
    /// </summary>
    public static async ValueTask RemoveAsync(BlobCalls calls, BlockBlobClient blob, CancellationToken cancellation)
    {
        var wasThere = await calls.RunAsync(Delete, cancellation).ConfigureAwait(false);
        if (wasThere)
            return;
        await calls.RunAsync(
            async token => await blob.CommitBlockListAsync([], cancellationToken: token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await calls.RunAsync(Delete, cancellation).ConfigureAwait(false);

        async ValueTask<bool> Delete(CancellationToken token) =>
            (await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token).ConfigureAwait(false)).Value;
    }

    private Task DrainAsync()
    {
        lock (gate)
        {
            closed = true;
            if (inside == 0)
                return Task.CompletedTask;
            drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return drained.Task;
        }
    }

    private void Leave(bool appended)
    {
        lock (gate)
        {
            inside--;
            if (!appended)
                taken--;
            if (inside == 0)
                drained?.TrySetResult();
        }
    }

    private async Task CommitAsync()
    {
        string[] list;
        ETag? before;
        lock (gate)
        {
            ThrowIfLost();
            if (committed is not null && committedBlocks == blocks.Count)
                return;
            list = [.. blocks];
            before = committed;
        }

        try
        {
            var tag = await calls.RunAsync(token => CommitAsync(list, before, token), CancellationToken.None).ConfigureAwait(false);
            lock (gate)
                (committed, committedBlocks) = (tag, list.Length);
        }
        catch
        {
            lock (gate)
            {
                // What was appended before may be lost, and no later flush may claim otherwise.
                failed = true;
                blocks.Clear();
            }

            throw;
        }
    }

    private async ValueTask<ETag> CommitAsync(string[] list, ETag? before, CancellationToken cancellation)
    {
        var unchanged = before is null
            ? new BlobRequestConditions { IfNoneMatch = ETag.All }
            : new BlobRequestConditions { IfMatch = before };
        try
        {
            try
            {
                var options = new CommitBlockListOptions { Conditions = unchanged };
                return (await blob.CommitBlockListAsync(list, options, cancellation).ConfigureAwait(false)).Value.ETag;
            }
            catch (RequestFailedException e) when (BlobFaults.IsConflict(e))
            {
                // A try whose answer was lost may have done it; or another silo has deleted the study.
                var found = await blob.GetBlockListAsync(BlockListTypes.Committed, cancellationToken: cancellation).ConfigureAwait(false);
                if (found.GetRawResponse().Headers.ETag is { } tag && found.Value.CommittedBlocks.Select(block => block.Name).SequenceEqual(list))
                    return tag;
                throw;
            }
        }
        catch (RequestFailedException e) when (BlobFaults.IsMissing(e))
        {
            throw new ObjectMissingException(Segment);
        }
    }

    private void ThrowIfLost()
    {
        if (deleted)
            throw new ObjectMissingException(Segment);
        if (failed)
            throw StorageFaults.Unavailable(new IOException("An earlier flush of this segment failed."));
    }

    // All names of a blob's blocks have one length.
    private static string BlockName(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return Convert.ToBase64String(bytes);
    }
}
