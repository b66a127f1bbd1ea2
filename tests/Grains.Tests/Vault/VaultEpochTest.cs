using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

public class VaultEpochTest
{
    [Fact]
    public async Task A_turn_wraps_each_page_anew_and_touches_no_other_key()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var key = await vault.KeyBytesAsync(study);
        var before = fixture.Store.Rows.ToDictionary(row => (row.Kind, row.Id));
        await vault.TurnEpochAsync(default);
        foreach (var row in fixture.Store.Rows.Where(row => row.Kind != VaultRowKind.Epoch))
        {
            var isPage = row.Kind is VaultRowKind.Page or VaultRowKind.ServicePage;
            Assert.Equal(isPage, row.Parent != before[(row.Kind, row.Id)].Parent);
            Assert.Equal(!isPage, row == before[(row.Kind, row.Id)]);
        }
        Assert.Equal(key, await vault.KeyBytesAsync(study));
        Assert.Equal(key, await (await fixture.AnotherAsync()).KeyBytesAsync(study));
    }

    [Fact]
    public async Task An_epoch_ends_with_the_window_after_it_was_superseded()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { BackupWindow = TimeSpan.FromDays(2) });
        using var _ = fixture;
        var first = fixture.Keys.Epochs.Single();
        await vault.TurnEpochAsync(default);
        fixture.Time.Advance(TimeSpan.FromDays(2) - TimeSpan.FromTicks(1));
        await vault.TurnEpochAsync(default);
        Assert.True(fixture.Keys.HasEpoch(first));
        fixture.Time.Advance(TimeSpan.FromTicks(1));
        await vault.TurnEpochAsync(default);
        Assert.False(fixture.Keys.HasEpoch(first));
        Assert.Equal(fixture.Keys.Epochs.Select(epoch => epoch.Value).Order(), Epochs(fixture).Order());
    }

    [Fact]
    public async Task With_no_window_an_epoch_ends_at_once()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { BackupWindow = TimeSpan.Zero });
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        await vault.TurnEpochAsync(default);
        Assert.Single(fixture.Keys.Epochs);
        Assert.NotNull(await (await fixture.AnotherAsync()).KeyBytesAsync(study));
    }

    [Fact]
    public async Task Maintenance_turns_when_the_period_is_over_and_says_when_to_come_again()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { BackupWindow = TimeSpan.FromHours(30), EpochPeriod = TimeSpan.FromHours(10) });
        using var _ = fixture;
        var start = fixture.Time.GetUtcNow();
        Assert.Equal(start.AddHours(10), await vault.MaintainAsync(default));
        Assert.Single(fixture.Keys.Epochs);
        fixture.Time.Advance(TimeSpan.FromHours(10));
        Assert.Equal(start.AddHours(20), await vault.MaintainAsync(default));
        Assert.Equal(2, fixture.Keys.Epochs.Count);
    }

    [Fact]
    public async Task A_turn_that_was_cut_off_is_completed()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        for (var patient = 0; patient < 20; patient++)
            await vault.AddStudyAsync(patient);
        var left = 3;
        fixture.Store.BeforeCommit = _ => left-- > 0 ? default : throw new StorageUnavailableException("cut off");
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await vault.TurnEpochAsync(default));
        fixture.Store.BeforeCommit = null;
        Assert.NotEqual(1, Pages(fixture).Distinct().Count());
        var another = await fixture.AnotherAsync();
        await another.MaintainAsync(default);
        Assert.Single(Pages(fixture).Distinct());
    }

    [Fact]
    public async Task An_epoch_key_that_a_cut_off_turn_left_behind_ends_too()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        fixture.Store.BeforeCommit = _ => throw new StorageUnavailableException("cut off");
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await vault.TurnEpochAsync(default));
        fixture.Store.BeforeCommit = null;
        Assert.Equal(2, fixture.Keys.Epochs.Count);
        await vault.MaintainAsync(default);
        fixture.Time.Advance(fixture.Options.BackupWindow);
        await vault.TurnEpochAsync(default);
        await vault.TurnEpochAsync(default);
        fixture.Time.Advance(fixture.Options.BackupWindow);
        await vault.MaintainAsync(default);
        Assert.Equal(fixture.Keys.Epochs.Select(epoch => epoch.Value).Order(), Epochs(fixture).Order());
        Assert.Single(Pages(fixture).Distinct());
    }

    [Fact]
    public async Task Of_two_processes_that_turn_at_once_one_does()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var another = await fixture.AnotherAsync();
        var turned = false;
        fixture.Store.BeforeCommit = async _ =>
        {
            if (turned)
                return;
            turned = true;
            await another.TurnEpochAsync(default);
        };
        await vault.TurnEpochAsync(default);
        fixture.Store.BeforeCommit = null;
        await vault.MaintainAsync(default);
        Assert.Single(Pages(fixture).Distinct());
        Assert.Equal(2, fixture.Keys.Epochs.Count);
        fixture.Time.Advance(fixture.Options.BackupWindow);
        await vault.MaintainAsync(default);
        Assert.Equal(fixture.Keys.Epochs.Select(epoch => epoch.Value).Order(), Epochs(fixture).Order());
    }

    [Fact]
    public async Task No_page_is_written_under_an_epoch_that_was_superseded_meanwhile()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { BackupWindow = TimeSpan.Zero });
        using var _ = fixture;
        var another = await fixture.AnotherAsync();
        var doomed = await vault.AddStudyAsync(1);
        var kept = await vault.AddStudyAsync(1);
        var turned = false;
        fixture.Store.BeforeCommit = async _ =>
        {
            if (turned)
                return;
            turned = true;
            await another.TurnEpochAsync(default);
        };
        await vault.DestroyStudyKeyAsync(doomed, default);
        Assert.NotNull(await (await fixture.AnotherAsync()).KeyBytesAsync(kept));
    }

    private static IEnumerable<Guid> Epochs(VaultFixture fixture) =>
        fixture.Store.Rows.Where(row => row.Kind == VaultRowKind.Epoch).Select(row => row.Id);

    private static IEnumerable<Guid> Pages(VaultFixture fixture) =>
        fixture.Store.Rows.Where(row => row.Kind is VaultRowKind.Page or VaultRowKind.ServicePage).Select(row => row.Parent);
}
