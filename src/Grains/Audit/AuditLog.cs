using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Audit;

/// <summary>
/// The audit log over a store. One loop gathers what waits into one transaction (group commit) that takes the head by
/// compare-and-swap. Several logs over one store, on several silos, follow one another and can never fork it.
/// </summary>
public sealed class AuditLog : IAuditLog, IAsyncDisposable
{
    private const int LargestGroup = 256;

    private const int MostAttempts = 100;

    /// <summary>How many of the last entries are checked at each opening.</summary>
    private const int CheckedAtOpening = 256;

    private readonly IAuditStore store;
    private readonly TimeProvider clock;
    private readonly Channel<Waiting> channel = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true });

    private AuditSeals? seals;
    private Task loop = Task.CompletedTask;

    /// <summary>The head this log last saw; null where it is to be read again.</summary>
    private AuditHead? head;

    private long largestSeen;

    public AuditLog(IAuditStore store, TimeProvider clock)
    {
        this.store = store;
        this.clock = clock;
    }

    private AuditSeals Seals => seals ?? throw new InvalidOperationException("The audit log is not open.");

    /// <summary>Sets up a log that there has never been, with <see cref="AuditAction.Founded"/> as its first entry, and opens it.</summary>
    /// <param name="auditKey">The vault's audit key (<see cref="ServiceKeyName.Audit"/>); not kept.</param>
    /// <exception cref="AuditLogDamagedException">There is a log already.</exception>
    /// <exception cref="StorageUnavailableException">Not set up, or uncertain.</exception>
    public async ValueTask InitialiseAsync(SecretKey auditKey, CancellationToken cancellation)
    {
        using (var founding = new AuditSeals(auditKey))
        {
            if (await store.HeadAsync(cancellation).ConfigureAwait(false) is not null)
                throw new AuditLogDamagedException("The audit log under Data:Path is there already, though the archive is new.");
            var founded = new AuditEvent { Id = Guid.NewGuid(), Time = clock.GetUtcNow(), Action = AuditAction.Founded, Actor = "archive" };
            var tree = new MerkleTree();
            var row = founding.Row(0, founded.Id, founding.Seal(founded));
            tree.Append(MerkleTree.LeafHash(row.Sealed));
            if (!await store.AppendAsync(null, founding.Head(tree), [row], cancellation).ConfigureAwait(false))
                throw new AuditLogDamagedException("The audit log was set up by another process at the same time.");
        }

        await OpenAsync(auditKey, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Opens the log: its head is one that this archive made, the last entries are what the head says, and it goes on from the newest head
    /// that was seen.
    /// </summary>
    /// <param name="auditKey">The vault's audit key (<see cref="ServiceKeyName.Audit"/>); not kept.</param>
    /// <param name="newestSeen">The newest head that is known from elsewhere; null where none is.</param>
    /// <param name="acceptedSize">An operator's word that a log of just this many entries is to be gone on with, though a newer head was seen.</param>
    /// <exception cref="AuditLogDamagedException">There is no log, or it is damaged, or older than one that was seen.</exception>
    /// <exception cref="StorageUnavailableException">It cannot be read for now.</exception>
    public async ValueTask OpenAsync(
        SecretKey auditKey, AuditHead? newestSeen = null, long? acceptedSize = null, CancellationToken cancellation = default)
    {
        if (seals is not null)
            throw new InvalidOperationException("The audit log is open already.");
        var opening = new AuditSeals(auditKey);
        try
        {
            var (_, tree) = await ReadHeadAsync(opening, cancellation).ConfigureAwait(false);
            await CheckRowsAsync(opening, Math.Max(0, tree.Size - CheckedAtOpening), tree.Size, null, cancellation).ConfigureAwait(false);
            if (newestSeen is not null && acceptedSize != tree.Size)
                await CheckGoesOnAsync(opening, newestSeen, tree, cancellation).ConfigureAwait(false);
        }
        catch
        {
            opening.Dispose();
            throw;
        }

        seals = opening;
        loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask<long> AppendAsync(AuditEvent auditEvent, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(auditEvent);
        var waiting = new Waiting(auditEvent.Id, Seals.Seal(auditEvent));
        try
        {
            await channel.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw new StorageUnavailableException("The audit log is closed.", exception);
        }

        AuditMetrics.Waiting.Add(1);
        return await waiting.Recorded.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<(long Index, AuditEvent Event)> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        var size = (await ReadHeadAsync(Seals, cancellation).ConfigureAwait(false)).Head.Size;
        var index = from;
        await foreach (var row in store.ReadAsync(from, cancellation).ConfigureAwait(false))
        {
            if (index >= size)
                yield break;
            Seals.Check(row, index);
            yield return (index++, Seals.Open(row));
        }

        if (index < size)
            throw Missing(index);
    }

    /// <summary>The head as it is stored, to be kept elsewhere and given to <see cref="OpenAsync"/>.</summary>
    /// <exception cref="AuditLogDamagedException">The head is damaged, or the log has lost entries.</exception>
    public async ValueTask<AuditHead> StoredHeadAsync(CancellationToken cancellation) =>
        (await ReadHeadAsync(Seals, cancellation).ConfigureAwait(false)).Head;

    public async ValueTask<(long Size, byte[] RootHash)> HeadAsync(CancellationToken cancellation)
    {
        var (_, tree) = await ReadHeadAsync(Seals, cancellation).ConfigureAwait(false);
        return (tree.Size, tree.RootHash());
    }

    /// <summary>Checks everything: each entry at its place, openable, and the tree over all of them against the head.</summary>
    /// <returns>Number of entries.</returns>
    /// <exception cref="AuditLogDamagedException">The log is not what it was.</exception>
    public async ValueTask<long> VerifyAsync(CancellationToken cancellation)
    {
        var (_, expected) = await ReadHeadAsync(Seals, cancellation).ConfigureAwait(false);
        var tree = new MerkleTree();
        await CheckRowsAsync(Seals, 0, expected.Size, tree, cancellation).ConfigureAwait(false);
        if (!tree.Frontier().AsSpan().SequenceEqual(expected.Frontier()))
            throw new AuditLogDamagedException("The entries of the audit log are not those that its head was made over.");
        return tree.Size;
    }

    /// <summary>Finishes what waits, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        channel.Writer.TryComplete();
        await loop.ConfigureAwait(false);
        seals?.Dispose();
    }

    private static AuditLogDamagedException Missing(long index) => new($"Entry {index} of the audit log is missing.");

    /// <summary>Reads the head, which never goes back behind one that was seen before.</summary>
    private async ValueTask<(AuditHead Head, MerkleTree Tree)> ReadHeadAsync(AuditSeals with, CancellationToken cancellation)
    {
        var seen = Volatile.Read(ref largestSeen);
        var stored = await store.HeadAsync(cancellation).ConfigureAwait(false)
            ?? throw new AuditLogDamagedException("The audit log under Data:Path is missing.");
        var tree = with.Tree(stored);
        if (tree.Size < seen)
            throw new AuditLogDamagedException("The audit log has lost entries that it had.");
        Seen(tree.Size);
        return (stored, tree);
    }

    /// <summary>The log holds what it held when a head was seen, and what was added since.</summary>
    private async ValueTask CheckGoesOnAsync(AuditSeals with, AuditHead seen, MerkleTree log, CancellationToken cancellation)
    {
        var tree = with.Tree(seen);
        if (log.Size < tree.Size)
        {
            throw new AuditLogDamagedException(
                $"The audit log ends after {log.Size} entries, though {tree.Size} were seen; restore a newer copy of it, or set Audit:AcceptHead={log.Size} to go on without the rest.");
        }

        await CheckRowsAsync(with, tree.Size, log.Size, tree, cancellation).ConfigureAwait(false);
        if (!tree.Frontier().AsSpan().SequenceEqual(log.Frontier()))
            throw new AuditLogDamagedException("The audit log is not the one whose head was seen.");
    }

    private void Seen(long size)
    {
        for (var seen = Volatile.Read(ref largestSeen); size > seen;)
            seen = Interlocked.CompareExchange(ref largestSeen, size, seen) is var now && now == seen ? size : now;
    }

    private async ValueTask CheckRowsAsync(AuditSeals with, long from, long to, MerkleTree? tree, CancellationToken cancellation)
    {
        var index = from;
        if (index < to)
        {
            await foreach (var row in store.ReadAsync(from, cancellation).ConfigureAwait(false))
            {
                var leaf = with.Check(row, index);
                with.Open(row);
                tree?.Append(leaf);
                if (++index == to)
                    return;
            }
        }

        if (index < to)
            throw Missing(index);
    }

    private async Task RunAsync()
    {
        var group = new List<Waiting>(LargestGroup);
        while (await channel.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (group.Count < LargestGroup && channel.Reader.TryRead(out var waiting))
                group.Add(waiting);
            var started = Stopwatch.GetTimestamp();
            AuditMetrics.Waiting.Add(-group.Count);
            try
            {
                for (var attempt = 1; !await TryCommitAsync(group).ConfigureAwait(false); attempt++)
                {
                    head = null;
                    if (attempt == MostAttempts)
                        throw new StorageUnavailableException("Other silos move the audit log's head too fast.");
                }

                AuditMetrics.Commit.RecordSince(started);
                AuditMetrics.GroupSize.Record(group.Count);
            }
            catch (Exception exception)
            {
                head = null;
                AuditMetrics.Failures.Add(group.Count);
                var failure = new StorageUnavailableException("The audit log cannot record for now.", exception);
                foreach (var waiting in group)
                    waiting.Recorded.TrySetException(failure);
            }

            group.Clear();
        }
    }

    /// <summary>Commits the group on the head as it is known; false where another log has moved it.</summary>
    private async Task<bool> TryCommitAsync(List<Waiting> group)
    {
        head ??= (await ReadHeadAsync(Seals, CancellationToken.None).ConfigureAwait(false)).Head;
        var tree = Seals.Tree(head);
        var indexes = new Dictionary<Guid, long>(
            await store.FindAsync([.. group.Select(waiting => waiting.EventId).Distinct()], CancellationToken.None).ConfigureAwait(false));
        var rows = new List<AuditRow>(group.Count);
        foreach (var waiting in group)
        {
            if (!indexes.TryAdd(waiting.EventId, tree.Size))
                continue;
            rows.Add(Seals.Row(tree.Size, waiting.EventId, waiting.Sealed));
            tree.Append(MerkleTree.LeafHash(waiting.Sealed));
        }

        if (rows.Count > 0)
        {
            var next = Seals.Head(tree);
            if (!await store.AppendAsync(head, next, rows, CancellationToken.None).ConfigureAwait(false))
                return false;
            head = next;
            Seen(next.Size);
        }

        foreach (var waiting in group)
            waiting.Recorded.TrySetResult(indexes[waiting.EventId]);
        return true;
    }

    private sealed record Waiting(Guid EventId, byte[] Sealed)
    {
        public TaskCompletionSource<long> Recorded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
