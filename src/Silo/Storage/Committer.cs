using System.Diagnostics;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage;

/// <summary>
/// Group commit: one transaction at a time. Whatever comes while it runs waits, and goes into the next one together, so that they share its
/// flush.
/// </summary>
/// <remarks>
/// Change numbers are given inside the transaction, and the database lets one transaction after the other give them. So
/// whoever sees a number sees all smaller ones, and a refused write uses none up.
/// </remarks>
internal sealed class Committer : IAsyncDisposable
{
    private const int LargestGroup = 256;
    private readonly Func<ICatalogWriter> open;
    private readonly bool onCallersThread;
    private readonly Lock gate = new();
    private readonly Queue<CatalogWrite> waiting = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AutoResetEvent elsewhere = new(false);
    private ICatalogWriter? writer;
    private bool isCommitting;
    private bool isClosed;
    private bool isOver;

    /// <param name="open">Opens the database; called now, and again after each fault.</param>
    /// <param name="onCallersThread">
    /// True for a database in this process: who finds no transaction running does it on the thread it has, for to hand it over and to be
    /// woken take longer than it takes.
    /// </param>
    public Committer(Func<ICatalogWriter> open, bool onCallersThread)
    {
        (this.open, this.onCallersThread) = (open, onCallersThread);
        writer = open();
        new Thread(CommitElsewhere) { IsBackground = true, Name = "catalog committer" }.Start();
    }

    /// <summary>Does a write and waits until it is durable. Once it is on its way it cannot be cancelled.</summary>
    /// <exception cref="StorageUnavailableException">Not committed, or uncertain.</exception>
    public async ValueTask<T> RunAsync<T>(CatalogWrite<T> write, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var isFirst = Enter(write);
        CatalogMetrics.Waiting.Add(1);
        if (isFirst)
        {
            if (onCallersThread)
                CommitNext();
            else
                elsewhere.Set();
        }

        return await write.Outcome.ConfigureAwait(false);
    }

    /// <summary>Finishes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
            if (!isCommitting)
                ended.TrySetResult();
        }

        await ended.Task.ConfigureAwait(false);
        if (Interlocked.Exchange(ref isOver, true))
            return;
        elsewhere.Set();
        writer?.Dispose();
    }

    /// <returns>True where it is the caller who sees to the next transaction.</returns>
    private bool Enter(CatalogWrite write)
    {
        lock (gate)
        {
            if (isClosed)
                throw new StorageUnavailableException("The catalog is closed.");
            waiting.Enqueue(write);
            return !isCommitting && (isCommitting = true);
        }
    }

    /// <summary>A thread that may wait for a server as long as it takes: the pool's are for others.</summary>
    private void CommitElsewhere()
    {
        while (elsewhere.WaitOne() && !Volatile.Read(ref isOver))
            CommitNext();
        elsewhere.Dispose();
    }

    private void CommitNext()
    {
        var group = new List<CatalogWrite>();
        lock (gate)
        {
            while (group.Count < LargestGroup && waiting.TryDequeue(out var write))
                group.Add(write);
        }

        try
        {
            Commit(group);
        }
        finally
        {
            // The next ones are not this caller's to wait for.
            if (Leave())
                elsewhere.Set();
        }
    }

    /// <returns>True where others wait.</returns>
    private bool Leave()
    {
        lock (gate)
        {
            isCommitting = waiting.Count > 0;
            if (isClosed && !isCommitting)
                ended.TrySetResult();
            return isCommitting;
        }
    }

    private void CloseBroken()
    {
        try
        {
            writer?.Dispose();
        }
        catch (Exception)
        {
            // It has said already what is wrong with it, and those who wait are to hear that.
        }

        writer = null;
    }

    private void Commit(List<CatalogWrite> group)
    {
        var started = Stopwatch.GetTimestamp();
        CatalogMetrics.Waiting.Add(-group.Count);
        try
        {
            writer ??= open();
            writer.Commit(group);
            CatalogMetrics.Commit.RecordSince(started);
            CatalogMetrics.GroupSize.Record(group.Count);
        }
        catch (Exception e)
        {
            // Closing the connection rolls back what is not committed; the next group begins with a new one.
            CloseBroken();
            var fault = StorageFaults.DatabaseMayRecover(e) ? StorageFaults.Unavailable(e) : e;
            foreach (var write in group)
                write.Fail(fault);
            return;
        }

        foreach (var write in group)
            write.Finish();
    }
}
