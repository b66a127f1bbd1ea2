using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

public sealed class VaultNotesTest
{
    [Fact]
    public async Task A_note_is_kept_changed_and_taken_away()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            var id = Guid.NewGuid();
            Assert.Null(await vault.ReadNoteAsync(id, default));
            await vault.ChangeNoteAsync(id, _ => [1, 2], default);
            await vault.ChangeNoteAsync(id, before => [.. before!, 3], default);

            var other = await fixture.AnotherAsync();
            Assert.Equal([1, 2, 3], await other.ReadNoteAsync(id, default));
            Assert.Equal([(id, "010203")], await other.NotesAsync(default).Select(note => (note.Id, Convert.ToHexString(note.Text))).ToListAsync());

            await other.ChangeNoteAsync(id, _ => null, default);
            Assert.Null(await vault.ReadNoteAsync(id, default));
        }
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_all_made()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            var id = Guid.NewGuid();
            await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(
                async () => await vault.ChangeNoteAsync(id, before => [.. before ?? [], (byte)i], default))));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => (byte)i), (await vault.ReadNoteAsync(id, default))!.Order());
        }
    }

    [Fact]
    public async Task A_note_in_anothers_place_or_from_before_a_change_does_not_open()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
            await vault.ChangeNoteAsync(one, _ => [1], default);
            await vault.ChangeNoteAsync(other, _ => [2], default);
            var before = await RowAsync(one);
            await vault.ChangeNoteAsync(one, _ => [3], default);

            fixture.Store.Tamper((await RowAsync(one)) with { Sealed = before.Sealed });
            await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.ReadNoteAsync(one, default));
            fixture.Store.Tamper((await RowAsync(one)) with { Sealed = (await RowAsync(other)).Sealed });
            await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.ReadNoteAsync(one, default));

            async Task<VaultRow> RowAsync(Guid id) => (await fixture.Store.FindAsync(VaultRowKind.Note, id, default))!;
        }
    }

    [Fact]
    public async Task A_patient_without_a_study_goes_and_the_others_of_its_page_stay()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            var study = await vault.AddStudyAsync(1);
            var key = await vault.KeyBytesAsync(study);
            var unused = await vault.FindOrAddPatientAsync(VaultSteps.Identity(2), default);
            var used = await vault.FindOrAddPatientAsync(VaultSteps.Identity(1), default);

            Assert.Single((await vault.DestroyUnusedPatientAsync(unused, default))!);
            Assert.Empty((await vault.DestroyUnusedPatientAsync(unused, default))!);
            Assert.Null(await vault.DestroyUnusedPatientAsync(used, default));

            Assert.Null(await vault.FindIdentityAsync(unused, default));
            Assert.Equal(key, await vault.KeyBytesAsync(study));
        }
    }
}
