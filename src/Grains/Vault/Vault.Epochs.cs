using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Grains.Vault;

public sealed partial class Vault
{
    /// <summary>
    /// Keeps the epochs in order; to be called at start and again when it says: turns the epoch when its period is over,
    /// completes a turn that was cut off, and destroys the epochs whose window is over.
    /// </summary>
    /// <returns>When there will be something to do.</returns>
    public async ValueTask<DateTimeOffset> MaintainAsync(CancellationToken cancellation)
    {
        await turning.WaitAsync(cancellation);
        try
        {
            await AdoptEpochsAsync(cancellation);
            var current = Current(await EpochsAsync(cancellation));
            if (current.Created + options.EpochPeriod <= time.GetUtcNow())
                await BeginEpochAsync(current, cancellation);
            await RewrapPagesAsync(cancellation);
            await DestroyOldEpochsAsync(cancellation);
            var epochs = await EpochsAsync(cancellation);
            VaultMetrics.Maintained(time, Current(epochs).Created, epochs.Count);
            return epochs.Min(epoch => epoch.Superseded + options.BackupWindow ?? epoch.Created + options.EpochPeriod);
        }
        finally
        {
            turning.Release();
        }
    }

    /// <summary>
    /// Begins a new epoch now: each page is re-wrapped under its key, and the epochs whose window is over are destroyed. May
    /// run beside everything else; cut off, it is completed by the next call or <see cref="MaintainAsync"/>.
    /// </summary>
    public async ValueTask TurnEpochAsync(CancellationToken cancellation)
    {
        await turning.WaitAsync(cancellation);
        try
        {
            await AdoptEpochsAsync(cancellation);
            await BeginEpochAsync(Current(await EpochsAsync(cancellation)), cancellation);
            await RewrapPagesAsync(cancellation);
            await DestroyOldEpochsAsync(cancellation);
        }
        finally
        {
            turning.Release();
        }
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

    private async ValueTask BeginEpochAsync(Epoch current, CancellationToken cancellation)
    {
        var next = EpochId.New();
        provider.CreateEpoch(next);
        var superseded = current.SupersededAt(time.GetUtcNow(), ServiceKey(ServiceKeyName.Epochs));
        // Where another silo was faster, its epoch is as good, and this one's key has wrapped nothing.
        if (!await store.CommitAsync(new VaultCommit { Inserts = [NewEpoch(next)], Updates = [superseded.Row] }, cancellation))
            provider.DestroyEpoch(next);
    }

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
        using var pageKey = page.Unwrap(provider);
        var moved = page.Wrap(provider, current.Id, pageKey).Next();
        return await store.CommitAsync(new VaultCommit { Required = [current.Row], Updates = [moved] }, cancellation);
    }

    /// <summary>No page can be written under a superseded epoch any more, so one without pages has none for good.</summary>
    private async ValueTask DestroyOldEpochsAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var old in (await EpochsAsync(cancellation)).Where(epoch => epoch.Superseded + options.BackupWindow <= now))
        {
            if ((await PagesOfAsync(old, cancellation)).Count > 0)
                continue;
            provider.DestroyEpoch(old.Id);
            await store.CommitAsync(new VaultCommit { Deletes = [old.Row] }, cancellation);
        }
    }

    private async ValueTask<List<VaultRow>> PagesOfAsync(Epoch epoch, CancellationToken cancellation) =>
        [
            .. await store.ListChildrenAsync(VaultRowKind.ServicePage, epoch.Row.Id, cancellation),
            .. await store.ListChildrenAsync(VaultRowKind.Page, epoch.Row.Id, cancellation),
        ];
}
