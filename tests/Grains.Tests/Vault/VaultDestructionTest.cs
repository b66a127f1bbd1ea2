using CsCheck;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using static SecureStore.Grains.Tests.VaultTests.VaultSteps;

namespace SecureStore.Grains.Tests.VaultTests;

public class VaultDestructionTest
{
    [Fact]
    public async Task A_destroyed_key_is_gone_and_all_others_stay()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var studies = new List<(StudyHandle Study, byte[] Key)>();
        for (var i = 0; i < 30; i++)
        {
            var study = await vault.AddStudyAsync(i % 10);
            studies.Add((study, (await vault.KeyBytesAsync(study))!));
        }
        await vault.DestroyStudyKeyAsync(studies[3].Study, default);
        var another = await fixture.AnotherAsync();
        foreach (var (study, key) in studies)
        {
            var expected = study == studies[3].Study ? null : key;
            Assert.Equal(expected, await vault.KeyBytesAsync(study));
            Assert.Equal(expected, await another.KeyBytesAsync(study));
        }
        Assert.Equal(Identity(3), await another.FindIdentityAsync(await vault.FindOrAddPatientAsync(Identity(3), default), default));
    }

    [Fact]
    public async Task Patient_and_page_get_new_keys_and_nothing_else_on_the_page_keeps_its_wrapping()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var doomed = await vault.AddStudyAsync(1);
        await vault.AddStudyAsync(1);
        await vault.AddStudyAsync(2);
        var before = fixture.Store.Rows.ToDictionary(row => (row.Kind, row.Id));
        await vault.DestroyStudyKeyAsync(doomed, default);
        var patient = (await vault.FindOrAddPatientAsync(Identity(1), default)).Value;
        foreach (var row in fixture.Store.Rows)
        {
            var old = before[(row.Kind, row.Id)];
            var newKey = row.Kind == VaultRowKind.Page || row.Id == patient;
            Assert.Equal(newKey, row.KeyId != old.KeyId);
            var rewrapped = row.Kind is VaultRowKind.Page or VaultRowKind.Patient || row.Parent == patient;
            Assert.Equal(rewrapped, !row.WrappedKey.SequenceEqual(old.WrappedKey));
        }
    }

    [Fact]
    public async Task Old_rows_that_are_put_back_open_nothing()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var doomed = await vault.AddStudyAsync(1);
        await vault.AddStudyAsync(1);
        var backup = fixture.Store.Backup();
        await vault.DestroyStudyKeyAsync(doomed, default);
        var after = fixture.Store.Backup();

        fixture.Store.Tamper(backup.Single(row => row.Id == doomed.Value));
        await Assert.ThrowsAsync<VaultIntegrityException>(() => vault.KeyBytesAsync(doomed));
        fixture.Store.Tamper(backup.Single(row => row.Kind == VaultRowKind.Patient));
        await Assert.ThrowsAsync<VaultIntegrityException>(() => vault.KeyBytesAsync(doomed));
        fixture.Store.Restore(after);
        Assert.Null(await vault.KeyBytesAsync(doomed));
    }

    [Fact]
    public async Task A_patient_goes_with_the_last_study()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var handle = await vault.FindOrAddPatientAsync(Identity(1), default);
        var study = await vault.AddStudyAsync(1);
        await vault.DestroyStudyKeyAsync(study, default);
        Assert.DoesNotContain(fixture.Store.Rows, row => row.Kind is VaultRowKind.Patient or VaultRowKind.Study);
        await Assert.ThrowsAsync<PatientGoneException>(async () => await vault.AddStudyKeyAsync(StudyHandle.New(), handle, default));
        Assert.NotEqual(handle, await vault.FindOrAddPatientAsync(Identity(1), default));
    }

    [Fact]
    public async Task Destroying_again_or_what_never_was_is_no_error()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        await vault.DestroyStudyKeyAsync(study, default);
        var commits = fixture.Store.Commits;
        await vault.DestroyStudyKeyAsync(study, default);
        await vault.DestroyStudyKeyAsync(StudyHandle.New(), default);
        Assert.Equal(commits, fixture.Store.Commits);
    }

    [Fact]
    public async Task The_destruction_of_one_key_of_a_study_does_no_harm_to_the_next()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var first = (await vault.FindStudyKeyIdAsync(study, default))!.Value;
        await vault.DestroyStudyKeyAsync(study, first, default);
        Assert.Null(await vault.FindStudyKeyIdAsync(study, default));

        await vault.AddStudyKeyAsync(study, await vault.FindOrAddPatientAsync(Identity(1), default), default);
        var second = await vault.KeyBytesAsync(study);
        await vault.DestroyStudyKeyAsync(study, first, default);
        Assert.Equal(second, await vault.KeyBytesAsync(study));
    }

    [Fact]
    public async Task A_key_that_is_gone_on_with_has_another_id()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var (id, key) = ((await vault.FindStudyKeyIdAsync(study, default))!.Value, await vault.KeyBytesAsync(study));
        await vault.AddStudyKeyAsync(study, await vault.FindOrAddPatientAsync(Identity(1), default), default);
        await vault.DestroyStudyKeyAsync(study, id, default);
        Assert.Equal(key, await vault.KeyBytesAsync(study));
    }

    [Fact]
    public async Task Studies_of_one_page_are_destroyed_in_one_transaction()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { PatientsPerPage = 8 });
        using var _ = fixture;
        var studies = new List<StudyHandle>();
        for (var i = 0; i < 16; i++)
            studies.Add(await vault.AddStudyAsync(i));
        var commits = fixture.Store.Commits;
        await vault.DestroyStudyKeysAsync([.. studies[..5], .. studies[10..12], studies[0]], default);
        Assert.Equal(commits + 2, fixture.Store.Commits);
        var keys = await vault.OpenStudyKeysAsync(studies, default);
        Assert.Equal(9, keys.Count(key => key is not null));
        Assert.All(keys[..5], Assert.Null);
    }

    [Fact]
    public async Task The_certificate_gets_the_end_of_the_epoch_and_the_window()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { BackupWindow = TimeSpan.FromDays(3) });
        using var _ = fixture;
        var start = fixture.Time.GetUtcNow();
        var study = await vault.AddStudyAsync(1);
        fixture.Time.Advance(TimeSpan.FromHours(5));
        var destruction = await vault.DestroyStudyKeyAsync(study, default);
        Assert.Equal((start.AddHours(5), start.AddDays(1 + 3), "key files"), (destruction.Live, destruction.BeyondBackups, destruction.Provider));
        var page = fixture.Store.Rows.Single(row => row.Kind == VaultRowKind.Page);
        Assert.Equal(new RotatedPage(page.Id, page.Version), Assert.Single(destruction.Pages));
    }

    [Fact]
    public async Task Beyond_backups_even_the_whole_old_database_opens_nothing()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var backup = fixture.Store.Backup();
        var destruction = await vault.DestroyStudyKeyAsync(study, default);

        while (fixture.Time.GetUtcNow() < destruction.BeyondBackups)
        {
            var due = await vault.MaintainAsync(default);
            Assert.True(due > fixture.Time.GetUtcNow());
            fixture.Store.Restore(fixture.Store.Backup());
            fixture.Time.Advance((due < destruction.BeyondBackups ? due : destruction.BeyondBackups) - fixture.Time.GetUtcNow());
        }
        await vault.MaintainAsync(default);
        fixture.Store.Restore(backup);
        await Assert.ThrowsAsync<VaultException>(() => fixture.AnotherAsync());
    }

    [Fact]
    public async Task Within_the_window_a_backup_is_of_use()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var key = await vault.KeyBytesAsync(study);
        var backup = fixture.Store.Backup();
        fixture.Time.Advance(fixture.Options.BackupWindow);
        await vault.MaintainAsync(default);
        fixture.Store.Restore(backup);
        Assert.Equal(key, await (await fixture.AnotherAsync()).KeyBytesAsync(study));
    }

    [Fact]
    public async Task A_study_that_is_added_while_another_is_destroyed_is_not_lost()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var another = await fixture.AnotherAsync();
        var doomed = await vault.AddStudyAsync(1);
        await vault.AddStudyAsync(1);
        StudyHandle? added = null;
        fixture.Store.BeforeCommit = async commit =>
        {
            if (commit.Deletes.Count == 0 || added is not null)
                return;
            added = StudyHandle.New();
            await another.AddStudyKeyAsync(added.Value, await another.FindOrAddPatientAsync(Identity(1), default), default);
            await another.AddStudyAsync(2);
        };
        await vault.DestroyStudyKeyAsync(doomed, default);
        Assert.Null(await vault.KeyBytesAsync(doomed));
        Assert.NotNull(await vault.KeyBytesAsync(added!.Value));
        Assert.Equal(await vault.KeyBytesAsync(added.Value), await another.KeyBytesAsync(added.Value));
    }

    [Fact]
    public async Task Two_processes_that_add_destroy_and_turn_at_once_lose_nothing_and_keep_nothing()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        Vault.Vault[] vaults = [vault, await fixture.AnotherAsync()];
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var (kept, gone) = (new List<(StudyHandle, byte[])>(), new List<StudyHandle>());
            for (var i = 0; i < 25; i++)
            {
                var mine = vaults[(worker + i) % 2];
                var study = await AddAsync(mine, i % 6);
                kept.Add((study, (await mine.KeyBytesAsync(study))!));
                if (i % 3 == 2)
                {
                    var (doomed, _) = kept[i % kept.Count];
                    await vaults[i % 2].DestroyStudyKeyAsync(doomed, default);
                    kept.RemoveAll(one => one.Item1 == doomed);
                    gone.Add(doomed);
                }
                if (worker == 0 && i % 5 == 0)
                    await mine.TurnEpochAsync(default);
            }
            return (kept, gone);
        })));
        var fresh = await fixture.AnotherAsync();
        foreach (var (kept, gone) in results)
        {
            foreach (var (study, key) in kept)
                Assert.Equal(key, await fresh.KeyBytesAsync(study));
            foreach (var study in gone)
                Assert.Null(await fresh.KeyBytesAsync(study));
        }

        static async Task<StudyHandle> AddAsync(Vault.Vault vault, int patient)
        {
            while (true)
            {
                try
                {
                    return await vault.AddStudyAsync(patient);
                }
                catch (PatientGoneException)
                {
                    // Its last study was destroyed in between: the patient is looked up again.
                }
            }
        }
    }

    [Fact]
    public async Task Whatever_is_added_and_destroyed_in_whatever_order_the_rest_opens() =>
        await Gen.Select(Gen.Int[0, 5], Gen.Int[0, 9]).Array[1, 25].SampleAsync(async steps =>
        {
            var (fixture, vault) = await VaultFixture.InitialisedAsync(new VaultOptions { PatientsPerPage = 2 });
            using var _ = fixture;
            var alive = new List<(StudyHandle Study, byte[] Key)>();
            foreach (var (patient, step) in steps)
            {
                if (step < 6 || alive.Count == 0)
                {
                    var study = await vault.AddStudyAsync(patient);
                    alive.Add((study, (await vault.KeyBytesAsync(study))!));
                }
                else if (step < 9)
                {
                    var index = patient % alive.Count;
                    await vault.DestroyStudyKeyAsync(alive[index].Study, default);
                    Assert.Null(await vault.KeyBytesAsync(alive[index].Study));
                    alive.RemoveAt(index);
                }
                else
                    await vault.TurnEpochAsync(default);
            }
            foreach (var (study, key) in alive)
                Assert.Equal(key, await vault.KeyBytesAsync(study));
        }, iter: 40);
}
