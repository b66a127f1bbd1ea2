using Microsoft.Extensions.Logging.Abstractions;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Integrity;

/// <summary>The vault's mark says which of log, catalog and vault came from an older backup, and how much of the log is to be read.</summary>
public sealed class LogMarkKeeperTests : IAsyncLifetime
{
    private readonly InMemoryAuditStore store = new();
    private StudyArchive archive = null!;
    private AuditLog log = null!;

    public async ValueTask InitializeAsync()
    {
        archive = await StudyArchive.StartAsync();
        log = new AuditLog(store, archive.Time);
        await log.InitialiseAsync(archive.Vault.ServiceKey(ServiceKeyName.Audit), default);
    }

    public async ValueTask DisposeAsync()
    {
        await log.DisposeAsync();
        await archive.DisposeAsync();
    }

    [Fact]
    public async Task The_mark_follows_the_logs_head_and_the_settled_part_of_it_five_minutes_later()
    {
        var keeper = Keeper();
        await keeper.CatchUpAsync(default);
        await AppendAsync(3);
        await keeper.KeepAsync(default);
        Assert.Equal((4, 1), await MarkAsync());

        archive.Time.Advance(LogMarkKeeper.Settled);
        await AppendAsync(2);
        await keeper.KeepAsync(default);
        Assert.Equal((6, 4), await MarkAsync());

        await keeper.KeepAsync(default);
        var (stored, kept) = (await log.StoredHeadAsync(default), (await LogMark.ReadAsync(archive.Vault, default))!.Head);
        Assert.Equal((stored.Size, Convert.ToHexString(stored.Frontier), Convert.ToHexString(stored.Mac)), (kept.Size, Convert.ToHexString(kept.Frontier), Convert.ToHexString(kept.Mac)));
    }

    [Fact]
    public async Task A_slower_silo_does_not_put_the_mark_back()
    {
        var (fast, slow) = (Keeper(), Keeper());
        await AppendAsync(3);
        await slow.CatchUpAsync(default);
        await fast.CatchUpAsync(default);
        var old = LogMark.Of(store.Head! with { Size = 1 }, 0, 0);
        await old.AdvanceAsync(archive.Vault, default);
        Assert.Equal((4, 4), await MarkAsync());
    }

    [Fact]
    public async Task All_of_the_log_is_read_where_the_catalog_is_older_than_the_vault_knows_it()
    {
        await archive.StoreAsync(archive.Anything(), new Instance { Study = "1.2.3" }.File());
        await log.AppendAsync(Destroyed("1.2.3"), default);
        await AppendAsync(5);
        await LogMark.Of(await log.StoredHeadAsync(default), 6, 1).WriteAsync(archive.Vault, default);
        Assert.Equal(0, await Keeper().CatchUpAsync(default));

        await LogMark.Of(await log.StoredHeadAsync(default), 6, 1000).WriteAsync(archive.Vault, default);

        Assert.Equal(1, await Keeper().CatchUpAsync(default));
        Assert.Equal(StudyState.Destroyed, (await archive.RowAsync("1.2.3")).State);
    }

    [Fact]
    public async Task A_replay_that_was_cut_off_begins_anew()
    {
        foreach (var study in (string[])["1.2.1", "1.2.2"])
        {
            await archive.StoreAsync(archive.Anything(), new Instance { Study = study }.File());
            await log.AppendAsync(Destroyed(study), default);
        }

        await LogMark.Of(await log.StoredHeadAsync(default), 3, 1000).WriteAsync(archive.Vault, default);
        var deleted = 0;
        archive.Objects.BeforeDelete = () => ++deleted > 1 ? throw new StorageUnavailableException("away") : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Keeper().CatchUpAsync(default));
        archive.Objects.BeforeDelete = null;

        Assert.Equal(0, await LogMark.ReadAsync(archive.Vault, default) is { } mark ? mark.ReplayFrom : -1);
        await Keeper().CatchUpAsync(default);
        Assert.All(["1.2.1", "1.2.2"], study => Assert.Equal(StudyState.Destroyed, archive.RowAsync(study).Result.State));
    }

    private LogMarkKeeper Keeper() => new(
        log, archive.Vault, archive.Catalog,
        new DestructionReplay(
            log, archive.Catalog, archive.Objects, archive.Vault, archive.Grains, new StudyFactsReader(archive.Catalog, archive.Vault), new(),
            new(), archive.Time, NullLogger<DestructionReplay>.Instance),
        archive.Time);

    private async Task<(long Size, long ReplayFrom)> MarkAsync() =>
        await LogMark.ReadAsync(archive.Vault, default) is { } mark ? (mark.Size, mark.ReplayFrom) : default;

    private async Task AppendAsync(int number)
    {
        for (var i = 0; i < number; i++)
        {
            await log.AppendAsync(
                new AuditEvent { Id = Guid.NewGuid(), Time = archive.Time.GetUtcNow(), Action = AuditAction.Query, Actor = "somebody" }, default);
        }
    }

    private static AuditEvent Destroyed(string study) => new()
    {
        Id = Guid.NewGuid(), Time = default, Action = AuditAction.StudyDestroyed, Actor = "somebody", StudyInstanceUid = study,
    };
}
