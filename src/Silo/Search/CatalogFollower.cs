using System.Diagnostics;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Search;

/// <summary>Keeps the read model level with the catalog, by change number.</summary>
public sealed class CatalogFollower(ICatalog catalog, IFactsOpener opener, ReadModel model, ILogger<CatalogFollower> logger) : IDisposable
{
    private const int BatchSize = 500;

    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>
    /// Returns once the model knows everything that was committed before the call: after one look at the catalog where there
    /// is nothing new. Called at start to fill the model, and before each answer.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The catalog or the keys cannot be read for now.</exception>
    public async ValueTask CatchUpAsync(CancellationToken cancellation)
    {
        var known = model.Watermark;
        var latest = await catalog.LatestChangeAsync(cancellation);
        SearchMetrics.Lag.Record(Math.Max(0, latest - model.Watermark));
        if (latest >= known && latest <= model.Watermark)
            return;

        await gate.WaitAsync(cancellation);
        try
        {
            if (latest < known)
                await ForgetWhatIsLostAsync(cancellation);
            if (latest > model.Watermark)
            {
                var started = Stopwatch.GetTimestamp();
                await ApplyChangesAsync(cancellation);
                SearchMetrics.CatchUp.RecordSince(started);
                SearchMetrics.Lag.Record(Math.Max(0, latest - model.Watermark));
            }
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    /// <summary>A catalog that is behind the model has lost commits (a failover, a restore): its numbers come again, for other changes.</summary>
    private async Task ForgetWhatIsLostAsync(CancellationToken cancellation)
    {
        var latest = await catalog.LatestChangeAsync(cancellation);
        if (latest < model.Watermark)
        {
            logger.LogError("The catalog ends at change {Latest}, though {Seen} was seen: searches are built anew from what it holds", latest, model.Watermark);
            model.Clear();
            await ApplyChangesAsync(cancellation);
        }
    }

    /// <summary>One batch is opened while the one before it is applied.</summary>
    private async Task ApplyChangesAsync(CancellationToken cancellation)
    {
        var applying = Task.CompletedTask;
        try
        {
            await foreach (var rows in catalog.ChangesAsync(model.Watermark, cancellation).Chunk(BatchSize).WithCancellation(cancellation))
            {
                var changes = await OpenAsync(rows, cancellation);
                await applying;
                applying = Task.Run(() => model.Apply(changes, rows[^1].Change), CancellationToken.None);
            }
        }
        finally
        {
            await applying;
        }
    }

    private async ValueTask<IReadOnlyList<ModelChange>> OpenAsync(StudyRow[] rows, CancellationToken cancellation)
    {
        if (rows.Length > 1)
        {
            try
            {
                var facts = await opener.OpenAsync(rows, cancellation);
                return [.. rows.Zip(facts, (row, opened) => new ModelChange(row.Study, opened is null ? null : StudyModelRow.Of(opened)))];
            }
            catch (Exception exception) when (exception is not (StorageUnavailableException or OperationCanceledException))
            {
                // One of them is damaged: it alone is left out.
            }
        }

        var changes = new List<ModelChange>(rows.Length);
        foreach (var row in rows)
            changes.Add(new(row.Study, await OpenAsync(row, cancellation)));

        return changes;
    }

    /// <summary>Null where the study is not to be found: destroyed, being destroyed, still empty, or not to be trusted.</summary>
    private async ValueTask<StudyModelRow?> OpenAsync(StudyRow row, CancellationToken cancellation)
    {
        if (row.State != StudyState.Active || row.SealedFacts.Length == 0)
            return null;

        try
        {
            return await opener.OpenAsync(row, cancellation) is { } facts ? StudyModelRow.Of(facts) : null;
        }
        catch (VaultException fault)
        {
            throw new StorageUnavailableException("A key cannot be read for now.", fault);
        }
        catch (Exception exception) when (exception is not (StorageUnavailableException or OperationCanceledException))
        {
            logger.LogError("Study {Study} is left out of searches: its row cannot be opened ({Fault})", row.Study, exception.GetType().Name);
            return null;
        }
    }
}
