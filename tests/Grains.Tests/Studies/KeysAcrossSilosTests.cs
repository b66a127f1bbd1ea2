using SecureStore.Grains.Audit;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Retention;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

public sealed class KeysAcrossSilosTests
{
    private static readonly VaultOptions NoWindow = new() { BackupWindow = TimeSpan.Zero };

    [Fact]
    public async Task After_a_destruction_no_silo_has_the_old_page_key()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, doomed, kept) = (world.Anything(), new Instance(), new Instance { PatientId = "P2" });
        await cluster.Silos[0].StoreAsync(token, doomed.File(), kept.File());
        foreach (var silo in cluster.Silos)
        {
            await silo.ViewAsync(token, kept.Study);
        }

        var old = world.Keys.Store.Rows.Single(row => row.Kind == VaultRowKind.Page).KeyId;
        Assert.All(cluster.Silos, silo => Assert.Contains(silo.Vault.OpenPageKeys, page => page.KeyId == old));

        Assert.Equal(DestroyVerdict.Destroyed, await cluster.Silos[0].DestroyAsync(token, doomed.Study));

        Assert.All(cluster.Silos, silo => Assert.DoesNotContain(silo.Vault.OpenPageKeys, page => page.KeyId == old));
        await cluster.Silos[2].ViewAsync(world.Anything(), kept.Study);
    }

    [Fact]
    public async Task A_row_that_was_read_before_the_page_was_rotated_brings_no_old_key_back()
    {
        using var world = await World.CreateAsync();
        var study = StudyHandle.New();
        await world.Vault.AddStudyKeyAsync(study, await world.Vault.FindOrAddPatientAsync(new("", "P1"), default), default);
        var (other, _) = await world.Keys.OpenAnotherAsync();
        var page = world.Keys.Store.Rows.Single(row => row.Kind == VaultRowKind.Page);

        other.ForgetPages([new RotatedPage(page.Id, page.Version + 1)]);
        (await other.OpenStudyKeyAsync(study, default))!.Dispose();

        Assert.Empty(other.OpenPageKeys);
    }

    [Fact]
    public async Task A_turn_drops_the_ended_epochs_keys_on_every_silo_and_is_recorded_once()
    {
        using var world = await World.CreateAsync(options: NoWindow);
        await using var cluster = await StudyCluster.StartAsync(world);
        var first = world.Keys.Keys.Epochs.Single();
        Assert.All(cluster.Silos, silo => Assert.Contains(first, silo.Keys.OpenEpochs));

        await cluster.Silos[0].Epochs.TurnAsync(default);
        await Task.WhenAll(cluster.Silos.Select(silo => silo.Epochs.MaintainAsync(default).AsTask()));

        Assert.All(cluster.Silos, silo => Assert.DoesNotContain(first, silo.Keys.OpenEpochs));
        var current = Assert.Single(world.Keys.Keys.Epochs);
        Assert.Equal(current.Value, Assert.Single(world.Audit.Of(AuditAction.KeysTurned)).Id);
    }

    [Fact]
    public async Task All_silos_that_turn_at_once_make_one_turn()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        await cluster.Silos[0].StoreAsync(world.Anything(), new Instance().File());
        world.Time.Advance(new VaultOptions().EpochPeriod);

        await Task.WhenAll(cluster.Silos.Select(silo => silo.Epochs.MaintainAsync(default).AsTask()));
        await Task.WhenAll(cluster.Silos.Select(silo => silo.Epochs.MaintainAsync(default).AsTask()));

        var current = Assert.Single(world.Audit.Of(AuditAction.KeysTurned)).Id;
        Assert.All(
            world.Keys.Store.Rows.Where(row => row.Kind is VaultRowKind.Page or VaultRowKind.ServicePage), row => Assert.Equal(current, row.Parent));
    }

    [Fact]
    public async Task A_silo_that_does_not_see_the_turn_delays_the_end_of_an_epoch_and_nothing_else()
    {
        using var world = await World.CreateAsync(options: NoWindow);
        var (blind, its) = await CopyOfKeysAsync(world);
        var first = world.Keys.Keys.Epochs.Single();
        var acknowledges = new TwoVaults(blind);
        var epochs = new EpochTurns(world.Vault, acknowledges, world.Audit, world.Time);

        await epochs.TurnAsync(default);

        Assert.True(world.Keys.Keys.HasEpoch(first));
        Assert.Empty(world.Audit.Of(AuditAction.KeysTurned));
        Assert.NotEqual(default, await world.Vault.FindOrAddPatientAsync(new("", "P1"), default));

        var next = world.Keys.Keys.Epochs.Single(epoch => epoch != first);
        File.Copy(Path.Combine(world.Keys.Folder, "epochs", $"{next}.key"), Path.Combine(its, "epochs", $"{next}.key"));
        await epochs.MaintainAsync(default);

        Assert.False(world.Keys.Keys.HasEpoch(first));
        Assert.Single(world.Audit.Of(AuditAction.KeysTurned));
    }

    [Fact]
    public async Task An_epoch_that_has_not_ended_is_not_dropped_on_anybodys_word()
    {
        using var world = await World.CreateAsync();
        var current = world.Keys.Keys.Epochs.Single().Value;
        var (other, keys) = await world.Keys.OpenAnotherAsync();

        Assert.False(await other.AcknowledgeTurnAsync(new EpochTurn { Current = current, Superseded = [], Ended = [current] }, default));
        Assert.False(await other.AcknowledgeTurnAsync(new EpochTurn { Current = Guid.NewGuid(), Superseded = [], Ended = [] }, default));
        Assert.Equal(current, Assert.Single(keys.OpenEpochs).Value);
        Assert.True(await other.AcknowledgeTurnAsync(new EpochTurn { Current = current, Superseded = [], Ended = [] }, default));
    }

    [Fact]
    public async Task A_new_epochs_key_that_another_silo_takes_for_a_leftover_does_not_lose_the_turn()
    {
        using var world = await World.CreateAsync();
        var (other, _) = await world.Keys.OpenAnotherAsync();
        var first = world.Keys.Keys.Epochs.Single();
        var maintained = false;
        world.Keys.Store.BeforeCommit = async _ =>
        {
            if (!maintained)
            {
                maintained = true;
                await other.MaintainAsync(default);
            }
        };

        await world.Vault.TurnEpochAsync(default);

        Assert.True(maintained);
        Assert.NotEqual(first.Value, world.Keys.Store.Rows.Single(row => row.Kind == VaultRowKind.ServicePage).Parent);
    }

    private static async Task<(Vault.Vault Vault, string Folder)> CopyOfKeysAsync(World world)
    {
        var folder = world.Keys.Folder + "-copy";
        Directory.CreateDirectory(Path.Combine(folder, "epochs"));
        foreach (var file in Directory.EnumerateFiles(world.Keys.Folder, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(folder, Path.GetRelativePath(world.Keys.Folder, file)));
        }

        return ((await world.Keys.OpenAnotherAsync(folder)).Vault, folder);
    }

    private sealed class TwoVaults(Vault.Vault other) : Grains.Cluster.IOtherSilos
    {
        public Task<IReadOnlyList<ClosedSession>> CloseAsync(StudyHandle study, Grains.Cluster.LeaseEnds ends) => throw new NotSupportedException();

        public Task ForgetPagesAsync(IReadOnlyList<RotatedPage> pages) => throw new NotSupportedException();

        public async Task<bool> AcknowledgeAsync(EpochTurn turn) => await other.AcknowledgeTurnAsync(turn, default);
    }
}
