using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Keeps a copy of the audit log's newest head in the vault, and finds out at a start what came from an older backup. Used by one caller at
/// a time.
/// </summary>
public sealed class LogMarkKeeper(AuditLog log, Vault.Vault vault, ICatalog catalog, DestructionReplay replay, TimeProvider time)
{
    /// <summary>How old the copy is at most while the archive runs: what the log loses of the time since then is not noticed.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>How long after its record a destruction is in the catalog at the latest, or has failed.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromMinutes(5);

    private readonly Queue<(DateTimeOffset Time, long Size)> seen = new();
    private long replayFrom;
    private long keptSize;

    /// <summary>
    /// Destroys again what the log says was destroyed since the catalog and the vault were as they are: all of the log is read where the
    /// catalog is older than the vault knows it, else its end. To be called before anything is served; cut off, it begins anew.
    /// </summary>
    /// <returns>How many studies were destroyed again.</returns>
    public async Task<int> CatchUpAsync(CancellationToken cancellation)
    {
        var mark = await LogMark.ReadAsync(vault, cancellation);
        var head = await log.StoredHeadAsync(cancellation);
        var change = await catalog.LatestChangeAsync(cancellation);
        var from = mark is null || change < mark.CatalogChange ? 0 : Math.Min(mark.ReplayFrom, head.Size);

        // What is destroyed again moves the catalog on: until all of it is done, the next start must not take it for newer.
        await LogMark.Of(head, from, Math.Min(change, mark?.CatalogChange ?? change)).WriteAsync(vault, cancellation);
        var (replayed, firstUnsettled) = await replay.RunAsync(from, cancellation);
        replayFrom = Math.Min(head.Size, firstUnsettled ?? head.Size);
        await LogMark.Of(head, replayFrom, await catalog.LatestChangeAsync(cancellation)).WriteAsync(vault, cancellation);
        return replayed;
    }

    /// <summary>Copies the log's head, if it has moved.</summary>
    /// <exception cref="StorageUnavailableException">Not for now; the next call tries again.</exception>
    public async ValueTask KeepAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var head = await log.StoredHeadAsync(cancellation);
        while (seen.TryPeek(out var oldest) && oldest.Time + Settled <= now)
        {
            replayFrom = Math.Max(replayFrom, seen.Dequeue().Size);
        }

        seen.Enqueue((now, head.Size));
        if (head.Size != keptSize)
        {
            await LogMark.Of(head, replayFrom, await catalog.LatestChangeAsync(cancellation)).AdvanceAsync(vault, cancellation);
            keptSize = head.Size;
        }
    }
}
