using System.Buffers.Binary;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// A segment that this process writes: a block blob of its own making. Appends are gathered into blocks; a block is staged
/// when it is full or when a flush asks for it, and a flush commits the list of all blocks.
/// </summary>
/// <remarks>
/// A commit throws away every staged block that it does not name. So staging and committing take turns; what is appended
/// meanwhile waits in memory, for the next turn.
/// </remarks>
internal sealed class BlobSegment
{
    // Full blocks that may wait for their turn, or be on their way, before whoever appends has to wait.
    private const int BlocksAhead = 1;

    private readonly BlobCalls calls;
    private readonly BlockBlobClient blob;
    private readonly int capacity;
    private readonly GroupFlush flush;
    private readonly Lock gate = new();
    private readonly Queue<BlockBuffer> waiting = [];
    private readonly List<string> blocks = [];
    private BlockBuffer? filling;
    private Task last = Task.CompletedTask;
    private int unstaged;
    private long length;
    private ETag? committed;
    private int committedBlocks;
    private bool closed;
    private bool failed;
    private bool deleted;
    private bool sent;

    /// <param name="calls">The container.</param>
    /// <param name="study">The study it belongs to.</param>
    /// <param name="capacity">Blocks that it takes at most.</param>
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

    /// <summary>Timestamp of the last append, kept by the store.</summary>
    public long LastUsed { get; set; }

    /// <summary>Takes bytes in, to be followed by <see cref="KeepUpAsync"/>.</summary>
    /// <returns>The offset in bytes, or null where the segment takes no more.</returns>
    public long? Append(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            if (closed || failed || deleted || !HasRoom(bytes.Length))
                return null;
            var offset = length;
            length += bytes.Length;
            calls.Hold(bytes.Length);
            while (!bytes.IsEmpty)
            {
                filling ??= new BlockBuffer(calls.BlockSize);
                bytes = bytes[filling.Take(bytes)..];
                if (filling.IsFull)
                    Queue();
            }

            return offset;
        }
    }

    /// <summary>Has full blocks staged, and waits where the service has fallen behind, so that memory stays bounded.</summary>
    /// <exception cref="ObjectMissingException">The segment has been deleted.</exception>
    /// <exception cref="StorageUnavailableException">What was appended is lost.</exception>
    public async ValueTask KeepUpAsync(CancellationToken cancellation)
    {
        bool behind;
        lock (gate)
        {
            ThrowIfLost();
            var pressed = calls.HoldsTooMuch;
            if (pressed)
                Queue();
            behind = pressed || unstaged > BlocksAhead;
            if (waiting.Count == 0 && !behind)
                return;
        }

        var staging = StageAsync();
        if (behind)
            await staging.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes all that has been appended durable, and readable.</summary>
    /// <exception cref="ObjectMissingException">The segment has been deleted.</exception>
    /// <exception cref="StorageUnavailableException">This flush, or something before it, was not done for certain.</exception>
    public async Task FlushAsync()
    {
        await flush.RunAsync().ConfigureAwait(false);
        lock (gate)
            ThrowIfLost();
    }

    /// <summary>Takes no more, and makes durable what came. A segment that nothing came to is never made.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            if (length == 0 && committed is null && !failed && !deleted)
                return Task.CompletedTask;
        }

        return FlushAsync();
    }

    /// <summary>From now on no flush succeeds and nothing is appended; completes when what was on its way has ended.</summary>
    public async Task AbandonAsync()
    {
        Task running;
        lock (gate)
        {
            deleted = true;
            Drop();
            running = last;
        }

        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Removes the blob of a segment that was abandoned. Where nothing was ever sent there is none.</summary>
    public async Task RemoveAsync()
    {
        if (sent)
            await RemoveAsync(calls, blob, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Deletes a blob that was committed once, or nothing.</summary>
    public static async ValueTask DeleteAsync(BlobCalls calls, BlockBlobClient blob, CancellationToken cancellation) =>
        await calls.RunAsync(
            async token => await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);

    /// <summary>
    /// Removes a blob whatever state it is in. One that was never committed cannot be deleted: it is committed without blocks
    /// first, which throws its staged blocks away.
    /// </summary>
    public static async ValueTask RemoveAsync(BlobCalls calls, BlockBlobClient blob, CancellationToken cancellation)
    {
        await calls.RunAsync(
            async token => await blob.CommitBlockListAsync([], cancellationToken: token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await DeleteAsync(calls, blob, cancellation).ConfigureAwait(false);
    }

    private bool HasRoom(int bytes)
    {
        var started = filling is null ? 0 : 1;
        var more = ((filling?.Length ?? 0) + (long)bytes + calls.BlockSize - 1) / calls.BlockSize - started;
        return length == 0 || blocks.Count + unstaged + started + more <= capacity;
    }

    private void Queue()
    {
        if (filling is null)
            return;
        waiting.Enqueue(filling);
        unstaged++;
        filling = null;
    }

    private Task StageAsync() => InTurnAsync(StageWaitingAsync);

    private Task CommitAsync() => InTurnAsync(async () =>
    {
        lock (gate)
            Queue();
        await StageWaitingAsync().ConfigureAwait(false);
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

        sent = true;
        var tag = await calls.RunAsync(token => CommitAsync(list, before, token), CancellationToken.None).ConfigureAwait(false);
        lock (gate)
            (committed, committedBlocks) = (tag, list.Length);
    });

    private Task InTurnAsync(Func<Task> work)
    {
        lock (gate)
            return last = FollowAsync(last, work);
    }

    private async Task FollowAsync(Task previous, Func<Task> work)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            lock (gate)
                ThrowIfLost();
            await work().ConfigureAwait(false);
        }
        catch
        {
            lock (gate)
            {
                // What was appended before may be lost, and no later flush may claim otherwise.
                failed = true;
                blocks.Clear();
                Drop();
            }

            throw;
        }
    }

    private async Task StageWaitingAsync()
    {
        while (true)
        {
            BlockBuffer? buffer;
            lock (gate)
            {
                if (!waiting.TryDequeue(out buffer))
                    return;
            }

            using (buffer)
            {
                var name = BlockName(blocks.Count);
                sent = true;
                try
                {
                    await calls.StageAsync(blob, name, buffer.Bytes, CancellationToken.None).ConfigureAwait(false);
                }
                finally
                {
                    calls.Hold(-buffer.Length);
                }

                lock (gate)
                {
                    ThrowIfLost();
                    blocks.Add(name);
                    unstaged--;
                }
            }
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

    private void Drop()
    {
        Queue();
        while (waiting.TryDequeue(out var buffer))
        {
            calls.Hold(-buffer.Length);
            buffer.Dispose();
        }

        unstaged = 0;
    }

    private void ThrowIfLost()
    {
        if (deleted)
            throw new ObjectMissingException(Segment);
        if (failed)
            throw StorageFaults.Unavailable(new IOException("An earlier write of this segment failed."));
    }

    // All names of a blob's blocks have one length.
    private static string BlockName(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return Convert.ToBase64String(bytes);
    }
}
