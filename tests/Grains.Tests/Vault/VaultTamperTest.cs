using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using static SecureStore.Grains.Tests.VaultTests.VaultSteps;

namespace SecureStore.Grains.Tests.VaultTests;

/// <summary>What somebody who can write the database can do: stop the vault, but not mislead it.</summary>
public class VaultTamperTest
{
    [Theory]
    [InlineData(VaultRowKind.Study)]
    [InlineData(VaultRowKind.Patient)]
    [InlineData(VaultRowKind.Page)]
    public async Task Key_rows_that_are_swapped_open_nothing(VaultRowKind kind)
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { PatientsPerPage = 1 });
        using var _ = fixture;
        StudyHandle[] studies = [await vault.AddStudyAsync(1), await vault.AddStudyAsync(2)];
        var another = fixture.Unopened(fixture.Keys);
        var rows = fixture.Store.Rows.Where(row => row.Kind == kind).ToList();
        fixture.Store.Tamper(rows[0] with { WrappedKey = rows[1].WrappedKey, KeyId = rows[1].KeyId, Parent = rows[1].Parent });
        fixture.Store.Tamper(rows[1] with { WrappedKey = rows[0].WrappedKey, KeyId = rows[0].KeyId, Parent = rows[0].Parent });
        await another.OpenAsync(default);
        foreach (var study in studies)
            await Assert.ThrowsAsync<VaultIntegrityException>(() => another.KeyBytesAsync(study));
    }

    [Fact]
    public async Task Studies_of_one_patient_that_are_swapped_open_nothing()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var (one, two) = (await vault.AddStudyAsync(1), await vault.AddStudyAsync(1));
        fixture.Store.Tamper(fixture.Store.Rows.Single(row => row.Id == one.Value) with { Id = two.Value });
        await Assert.ThrowsAsync<VaultIntegrityException>(() => vault.KeyBytesAsync(two));
        Assert.NotNull(await vault.KeyBytesAsync(one));
    }

    [Fact]
    public async Task Any_changed_byte_of_a_wrapped_key_is_an_error()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        foreach (var row in fixture.Store.Rows.Where(row => row.Kind is VaultRowKind.Study or VaultRowKind.Patient))
        {
            for (var i = 0; i < row.WrappedKey.Length; i++)
            {
                var changed = row.WrappedKey.ToArray();
                changed[i] ^= 1;
                fixture.Store.Tamper(row with { WrappedKey = changed });
                await Assert.ThrowsAsync<VaultIntegrityException>(() => vault.KeyBytesAsync(study));
            }
            fixture.Store.Tamper(row with { WrappedKey = row.WrappedKey[..^1] });
            await Assert.ThrowsAsync<VaultIntegrityException>(() => vault.KeyBytesAsync(study));
            fixture.Store.Tamper(row);
        }
        Assert.NotNull(await vault.KeyBytesAsync(study));
    }

    [Fact]
    public async Task An_identity_does_not_lead_to_another_patient()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        await vault.AddStudyAsync(1);
        await vault.AddStudyAsync(2);
        var rows = fixture.Store.Rows.Where(row => row.Kind == VaultRowKind.Patient).ToList();
        fixture.Store.Tamper(rows[0] with { LookUp = rows[1].LookUp });
        fixture.Store.Tamper(rows[1] with { LookUp = rows[0].LookUp });
        await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.FindOrAddPatientAsync(Identity(1), default));
    }

    [Fact]
    public async Task A_page_key_in_memory_is_not_taken_for_another_page()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { PatientsPerPage = 1, OpenPages = 1 });
        using var _ = fixture;
        StudyHandle[] studies = [await vault.AddStudyAsync(1), await vault.AddStudyAsync(2)];
        var pages = fixture.Store.Rows.Where(row => row.Kind == VaultRowKind.Page).ToList();
        Assert.NotNull(await vault.KeyBytesAsync(studies[0]));
        fixture.Store.Tamper(pages[1] with { KeyId = pages[0].KeyId });
        await Assert.ThrowsAsync<VaultIntegrityException>(() => vault.KeyBytesAsync(studies[1]));
    }

    [Fact]
    public async Task The_end_of_an_epoch_cannot_be_moved()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var old = fixture.Store.Rows.Single(row => row.Kind == VaultRowKind.Epoch);
        await vault.TurnEpochAsync(default);
        fixture.Store.Tamper(old with { Version = 2 });
        await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.MaintainAsync(default));
        fixture.Store.Tamper(old);
        await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.MaintainAsync(default));
    }

    [Fact]
    public async Task A_damaged_neighbour_stops_a_destruction_before_anything_is_lost()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        await vault.AddStudyAsync(2);
        var neighbour = fixture.Store.Rows.Last(row => row.Kind == VaultRowKind.Patient);
        fixture.Store.Tamper(neighbour with { KeyId = Guid.NewGuid() });
        await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.DestroyStudyKeyAsync(study, default));
        Assert.NotNull(await vault.KeyBytesAsync(study));
    }

    [Fact]
    public async Task A_lost_service_key_is_not_made_anew()
    {
        var (fixture, _) = await VaultFixture.InitialisedAsync();
        using var __ = fixture;
        fixture.Store.Remove(fixture.Store.Rows.First(row => row.Kind == VaultRowKind.ServiceKey));
        await Assert.ThrowsAsync<VaultException>(() => fixture.AnotherAsync());
    }

    [Fact]
    public async Task A_vault_without_its_rows_does_not_open_and_one_with_rows_is_not_initialised()
    {
        var (fixture, _) = await VaultFixture.InitialisedAsync();
        using var __ = fixture;
        var notEmpty = await Assert.ThrowsAsync<VaultException>(async () => await fixture.Unopened(fixture.Keys).InitialiseAsync(default));
        Assert.Contains("Data:Path", notEmpty.Message, StringComparison.Ordinal);
        Assert.Single(fixture.Keys.Epochs);
        fixture.Store.Restore([]);
        var empty = await Assert.ThrowsAsync<VaultException>(() => fixture.AnotherAsync());
        Assert.Contains("Keys:Path", empty.Message, StringComparison.Ordinal);
        Assert.Empty(fixture.Store.Rows);
    }

    [Fact]
    public async Task Keys_of_another_vault_are_refused()
    {
        var (fixture, _) = await VaultFixture.InitialisedAsync();
        using var __ = fixture;
        var (other, _) = await VaultFixture.InitialisedAsync();
        using var ___ = other;
        var foreign = await Assert.ThrowsAsync<VaultException>(async () => await fixture.Unopened(other.Keys).OpenAsync(default));
        Assert.Contains("Keys:Path", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_epoch_of_any_page_stops_the_start()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        await vault.AddStudyAsync(1);
        var backup = fixture.Store.Rows.Single(row => row.Kind == VaultRowKind.Page);
        await vault.TurnEpochAsync(default);
        fixture.Store.Tamper(backup);
        fixture.Keys.DestroyEpoch(new EpochId(backup.Parent));
        await Assert.ThrowsAsync<VaultException>(() => fixture.AnotherAsync());
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        foreach (var (options, setting) in new[]
        {
            (new VaultOptions { BackupWindow = TimeSpan.FromTicks(-1) }, "Vault:BackupWindow"),
            (new VaultOptions { EpochPeriod = TimeSpan.Zero }, "Vault:EpochPeriod"),
            (new VaultOptions { PatientsPerPage = 0 }, "Vault:PatientsPerPage"),
            (new VaultOptions { OpenPages = 0 }, "Vault:OpenPages"),
        })
        {
            var fault = Assert.Throws<VaultException>(() => new Vault.Vault(new InMemoryVaultStore(), null!, TimeProvider.System, options));
            Assert.Contains(setting, fault.Message, StringComparison.Ordinal);
        }
    }
}
