using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Grains.Vault;

public sealed partial class Vault
{
    private static readonly Func<EpochTurn, CancellationToken, Task<bool>> ByItself = (_, _) => Task.FromResult(true);

    /// <summary>The epoch whose turn this process knows to be complete.</summary>
    private Guid completed;

    /// <summary>
    /// Keeps the epochs in order; to be called at start and again when it says: turns the epoch when its period is over,
    /// completes a turn that was cut off, and destroys the epochs whose window is over.
    /// </summary>
    /// <returns>When there will be something to do.</returns>
    public ValueTask<DateTimeOffset> MaintainAsync(CancellationToken cancellation) => MaintainAsync(ByItself, cancellation);

    /// <summary>
    /// Begins a new epoch now: each page is re-wrapped under its key, and the epochs whose window is over are destroyed. May
    /// run beside everything else; cut off, it is completed by the next call or <see cref="MaintainAsync(CancellationToken)"/>.
    /// </summary>
    public ValueTask TurnEpochAsync(CancellationToken cancellation) => TurnEpochAsync(ByItself, cancellation);

    /// <inheritdoc cref="MaintainAsync(CancellationToken)"/>
    /// <param name="acknowledge">
    /// Completes a turn: true once whoever else has keys of this vault in memory sees the turn and has dropped those that end. Before, no epoch is
    /// destroyed; it is asked again by the next call.
    /// </param>
    internal async ValueTask<DateTimeOffset> MaintainAsync(Func<EpochTurn, CancellationToken, Task<bool>> acknowledge, CancellationToken cancellation)
    {
        await turning.WaitAsync(cancellation);
        try
        {
            await AdoptEpochsAsync(cancellation);
            var current = Current(await EpochsAsync(cancellation));
            if (current.Created + options.EpochPeriod <= time.GetUtcNow())
                await BeginEpochAsync(current, cancellation);
            await RewrapPagesAsync(cancellation);
            await CompleteTurnAsync(acknowledge, cancellation);
            var epochs = await EpochsAsync(cancellation);
            VaultMetrics.Maintained(time, Current(epochs).Created, epochs.Count);
            return epochs.Min(epoch => epoch.Superseded + options.BackupWindow ?? epoch.Created + options.EpochPeriod);
        }
        finally
        {
            turning.Release();
        }
    }

    /// <inheritdoc cref="TurnEpochAsync(CancellationToken)"/>
    /// <inheritdoc cref="MaintainAsync(Func{EpochTurn, CancellationToken, Task{bool}}, CancellationToken)" path="/param"/>
    internal async ValueTask TurnEpochAsync(Func<EpochTurn, CancellationToken, Task<bool>> acknowledge, CancellationToken cancellation)
    {
        await turning.WaitAsync(cancellation);
        try
        {
            await AdoptEpochsAsync(cancellation);
            await BeginEpochAsync(Current(await EpochsAsync(cancellation)), cancellation);
            await RewrapPagesAsync(cancellation);
            await CompleteTurnAsync(acknowledge, cancellation);
        }
        finally
        {
            turning.Release();
        }
    }

    /// <summary>Drops from memory the keys that end with a turn which another silo makes, and those of pages that were rotated since.</summary>
    /// <returns>False where the turn is not seen here (yet), or one of the epochs that are to end has not ended.</returns>
    public async ValueTask<bool> AcknowledgeTurnAsync(EpochTurn turn, CancellationToken cancellation)
    {
        var epochs = await EpochsAsync(cancellation);
        if (epochs.Find(epoch => epoch.Superseded is null)?.Row.Id != turn.Current || !provider.HasEpoch(new EpochId(turn.Current)))
            return false;
        foreach (var ended in epochs.Where(epoch => turn.Ended.Contains(epoch.Row.Id)))
            if (ended.Superseded is null || (await PagesOfAsync(ended, cancellation)).Count > 0)
                return false;
        await DropOldKeysAsync(epochs.Where(epoch => !turn.Ended.Contains(epoch.Row.Id)), cancellation);
        return true;
    }

    private VaultRow NewEpoch(EpochId id) => Epoch.New(id, time.GetUtcNow(), null, ServiceKey(ServiceKeyName.Epochs)).Row;

    private async ValueTask<List<Epoch>> EpochsAsync(CancellationToken cancellation)
    {
        var key = ServiceKey(ServiceKeyName.Epochs);
        var epochs = new List<Epoch>();
        await foreach (var row in store.ListAsync(VaultRowKind.Epoch, cancellation))
            epochs.Add(Epoch.Open(row, key));
        return epochs;
    }

    /// <exception cref="VaultIntegrityException">There is not one current epoch.</exception>
    private static Epoch Current(IEnumerable<Epoch> epochs) => epochs.Where(epoch => epoch.Superseded is null).ToList() is [var current]
        ? current
        : throw new VaultIntegrityException("The vault does not have exactly one current epoch.");

    /// <summary>Takes in epochs that only the provider knows, from a turn that was cut off or from after a restored backup, so that they end too.</summary>
    private async ValueTask AdoptEpochsAsync(CancellationToken cancellation)
    {
        var unknown = provider.Epochs.ToHashSet();
        unknown.ExceptWith((await EpochsAsync(cancellation)).Select(epoch => epoch.Id));
        var now = time.GetUtcNow();
        foreach (var id in unknown)
            await store.CommitAsync(new VaultCommit { Inserts = [Epoch.New(id, now, now, ServiceKey(ServiceKeyName.Epochs)).Row] }, cancellation);
    }

    private async ValueTask BeginEpochAsync(Epoch current, CancellationToken cancellation) =>
        await RetryAsync<bool>(async () =>
        {
            // Where another silo was faster, its epoch is as good, and this one's key has wrapped nothing. A silo that takes the key for one that
            // was left behind is not.
            if (Current(await EpochsAsync(cancellation)) is var now && now.Id != current.Id)
                return true;
            var next = EpochId.New();
            provider.CreateEpoch(next);
            var superseded = now.SupersededAt(time.GetUtcNow(), ServiceKey(ServiceKeyName.Epochs));
            if (await store.CommitAsync(new VaultCommit { Inserts = [NewEpoch(next)], Updates = [superseded.Row] }, cancellation))
                return true;
            provider.DestroyEpoch(next);
            return null;
        });

    private async ValueTask RewrapPagesAsync(CancellationToken cancellation) =>
        await RetryAsync<bool>(async () =>
        {
            var epochs = await EpochsAsync(cancellation);
            var current = Current(epochs);
            var complete = true;
            foreach (var old in epochs.Where(epoch => epoch.Superseded is not null))
                foreach (var page in await PagesOfAsync(old, cancellation))
                    complete &= await RewrapPageAsync(page, current, cancellation);
            return complete ? true : null;
        });

    private async ValueTask<bool> RewrapPageAsync(VaultRow page, Epoch current, CancellationToken cancellation)
    {
        try
        {
            using var pageKey = page.Unwrap(provider);
            var moved = page.Wrap(provider, current.Id, pageKey).Next();
            return await store.CommitAsync(new VaultCommit { Required = [current.Row], Updates = [moved] }, cancellation);
        }
        catch (VaultException)
        {
            // Another silo may have moved the page since, and ended the epoch.
            if (await store.FindAsync(page.Kind, page.Id, cancellation) is { } now && now.Version == page.Version)
                throw;
            return false;
        }
    }

    /// <summary>
    /// Completes a turn and ends the epochs whose window is over. No page can be written under a superseded epoch any more, so one without pages
    /// has none for good.
    /// </summary>
    private async ValueTask CompleteTurnAsync(Func<EpochTurn, CancellationToken, Task<bool>> acknowledge, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var epochs = await EpochsAsync(cancellation);
        var current = Current(epochs);
        var ended = new List<Epoch>();
        foreach (var old in epochs.Where(epoch => epoch.Superseded + options.BackupWindow <= now))
            if ((await PagesOfAsync(old, cancellation)).Count == 0)
                ended.Add(old);
        if (completed == current.Row.Id && ended.Count == 0)
        {
            // What this silo had opened at its start, while others were ending it.
            provider.Keep(epochs.Select(epoch => epoch.Id).ToHashSet());
            return;
        }
        await DropOldKeysAsync(epochs.Except(ended), cancellation);
        var turn = new EpochTurn
        {
            Current = current.Row.Id,
            Superseded = [.. epochs.Except(ended).Where(epoch => epoch.Superseded is not null).Select(epoch => epoch.Row.Id)],
            Ended = [.. ended.Select(epoch => epoch.Row.Id)],
        };
        if (!await acknowledge(turn, cancellation))
            return;
        completed = turn.Current;
        foreach (var old in ended)
        {
            provider.DestroyEpoch(old.Id);
            await store.CommitAsync(new VaultCommit { Deletes = [old.Row] }, cancellation);
        }
    }

    private async ValueTask DropOldKeysAsync(IEnumerable<Epoch> live, CancellationToken cancellation)
    {
        provider.Keep(live.Select(epoch => epoch.Id).ToHashSet());
        foreach (var (page, keyId) in pageKeys.Open)
            if (await store.FindAsync(VaultRowKind.Page, page, cancellation) is var row && row?.KeyId != keyId)
                pageKeys.Forget(page, row?.Version ?? long.MaxValue);
    }

    private async ValueTask<List<VaultRow>> PagesOfAsync(Epoch epoch, CancellationToken cancellation) =>
        [
            .. await store.ListChildrenAsync(VaultRowKind.ServicePage, epoch.Row.Id, cancellation),
            .. await store.ListChildrenAsync(VaultRowKind.Page, epoch.Row.Id, cancellation),
        ];
}
