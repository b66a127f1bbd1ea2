using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage;

/// <summary>
/// Group commit: one thread takes all writes that wait into one transaction, so that they share its flush. Each write
/// stands apart in it: one that is refused leaves no trace and does not disturb the others.
/// </summary>
/// <remarks>
/// Change numbers are given inside the transaction and the transactions follow one another (one writer; and SQLite's
/// write lock, should there be two processes). So whoever sees a number sees all smaller ones, and a refused write uses
/// none up.
/// </remarks>
internal sealed class Committer : IAsyncDisposable
{
    private const int LargestGroup = 256;
    private readonly string connectionString;
    private readonly Channel<Write> waiting = Channel.CreateBounded<Write>(
        new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true });
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CatalogWriter? writer;

    /// <summary>Opens the database, and makes or updates its tables.</summary>
    public Committer(string connectionString)
    {
        this.connectionString = connectionString;
        writer = new CatalogWriter(connectionString);
        new Thread(Run) { IsBackground = true, Name = "catalog committer" }.Start();
    }

    /// <summary>Does a write and waits until it is durable. Once it is on its way it cannot be cancelled.</summary>
    /// <exception cref="StorageUnavailableException">Not committed, or uncertain.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CatalogWriter, T> work, CancellationToken cancellation)
    {
        var write = new Write<T>(work);
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
        var group = new List<Write>(LargestGroup);
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

    private void Commit(List<Write> group)
    {
        var started = Stopwatch.GetTimestamp();
        CatalogMetrics.Waiting.Add(-group.Count);
        try
        {
            writer ??= new CatalogWriter(connectionString);
            writer.Begin();
            foreach (var write in group)
                write.Do(writer);
            writer.Commit();
            CatalogMetrics.Commit.RecordSince(started);
            CatalogMetrics.GroupSize.Record(group.Count);
        }
        catch (Exception e)
        {
            // Closing the connection rolls back what is not committed; the next group begins with a new one.
            writer?.Dispose();
            writer = null;
            var fault = e is SqliteException sqlite && StorageFaults.MayPass(sqlite) ? StorageFaults.Unavailable(e) : e;
            foreach (var write in group)
                write.Fail(fault);
            return;
        }

        foreach (var write in group)
            write.Finish();
    }

    private abstract class Write
    {
        /// <summary>Keeps what came of it, a refusal too, for <see cref="Finish"/>.</summary>
        /// <exception cref="SqliteException">The transaction is lost.</exception>
        public abstract void Do(CatalogWriter writer);

        public abstract void Finish();

        public abstract void Fail(Exception fault);
    }

    private sealed class Write<T>(Func<CatalogWriter, T> work) : Write
    {
        private readonly TaskCompletionSource<T> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? refusal;

        public Task<T> Outcome => outcome.Task;

        public override void Do(CatalogWriter writer)
        {
            try
            {
                result = writer.Apart(work);
            }
            catch (Exception e) when (e is not SqliteException)
            {
                refusal = e;
            }
        }

        public override void Finish()
        {
            if (refusal is null)
                outcome.SetResult(result!);
            else
                outcome.SetException(refusal);
        }

        public override void Fail(Exception fault) => outcome.SetException(fault);
    }
}
