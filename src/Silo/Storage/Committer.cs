using System.Diagnostics;
using System.Threading.Channels;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage;

/// <summary>Group commit: one thread takes all writes that wait into one transaction, so that they share its flush.</summary>
/// <remarks>
/// Change numbers are given inside the transaction, and the database lets one transaction after the other give them. So
/// whoever sees a number sees all smaller ones, and a refused write uses none up.
/// </remarks>
internal sealed class Committer : IAsyncDisposable
{
    private const int LargestGroup = 256;
    private readonly Func<ICatalogWriter> open;
    private readonly Channel<CatalogWrite> waiting = Channel.CreateBounded<CatalogWrite>(
        new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ICatalogWriter? writer;

    /// <param name="open">Opens the database; called now, and again after each fault.</param>
    public Committer(Func<ICatalogWriter> open)
    {
        this.open = open;
        writer = open();
        new Thread(Run) { IsBackground = true, Name = "catalog committer" }.Start();
    }

    /// <summary>Does a write and waits until it is durable. Once it is on its way it cannot be cancelled.</summary>
    /// <exception cref="StorageUnavailableException">Not committed, or uncertain.</exception>
    public async ValueTask<T> RunAsync<T>(CatalogWrite<T> write, CancellationToken cancellation)
    {
        try
        {
            await waiting.Writer.WriteAsync(write, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw StorageFaults.Unavailable(e);
        }

        CatalogMetrics.Waiting.Add(1);
        return await write.Outcome.ConfigureAwait(false);
    }

    /// <summary>Finishes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await ended.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        var group = new List<CatalogWrite>(LargestGroup);
        while (waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < LargestGroup && waiting.Reader.TryRead(out var write))
                group.Add(write);
            Commit(group);
            group.Clear();
        }

        writer?.Dispose();
        ended.SetResult();
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
            writer?.Dispose();
            writer = null;
            var fault = StorageFaults.DatabaseMayRecover(e) ? StorageFaults.Unavailable(e) : e;
            foreach (var write in group)
                write.Fail(fault);
            return;
        }

        foreach (var write in group)
            write.Finish();
    }
}
