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
    public async Task An_errand_is_no_note_and_its_row_opens_as_none()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            var id = Guid.NewGuid();
            await vault.ChangeNoteAsync(id, _ => [1], default);
            await vault.ChangeErrandAsync(VaultRowKind.Forward, id, _ => [2], default);
            Assert.Equal([1], await vault.ReadNoteAsync(id, default));
            Assert.Equal([2], Assert.Single(await vault.ErrandsAsync(VaultRowKind.Forward, default).ToListAsync()).Text);
            Assert.Empty(await vault.ErrandsAsync(VaultRowKind.CommitmentReport, default).ToListAsync());

            var (note, errand) = ((await fixture.Store.FindAsync(VaultRowKind.Note, id, default))!, (await fixture.Store.FindAsync(VaultRowKind.Forward, id, default))!);
            fixture.Store.Tamper(note with { Sealed = errand.Sealed });
            await Assert.ThrowsAsync<VaultIntegrityException>(async () => await vault.ReadNoteAsync(id, default));
        }
    }

    [Fact]
    public async Task An_errand_whose_row_is_damaged_stops_no_other()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            var ids = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToList();
            foreach (var id in ids)
                await vault.ChangeErrandAsync(VaultRowKind.Forward, id, _ => [1], default);

            var row = (await fixture.Store.FindAsync(VaultRowKind.Forward, ids[1], default))!;
            fixture.Store.Tamper(row with { Sealed = [.. row.Sealed[..^1], (byte)~row.Sealed[^1]] });
            var errands = await vault.ErrandsAsync(VaultRowKind.Forward, default).ToListAsync();
            Assert.Equal(ids.Order(), errands.Select(errand => errand.Id).Order());
            Assert.Equal([ids[1]], errands.Where(errand => errand.IsDamaged).Select(errand => errand.Id));
        }
    }

    [Fact]
    public async Task Errands_are_changed_and_taken_away_together_or_not_at_all()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using (fixture)
        {
            for (byte number = 0; number < 3; number++)
                await vault.ChangeErrandAsync(VaultRowKind.Forward, Guid.NewGuid(), _ => [number], default);

            var before = await ListAsync();
            var after = await vault.UpdateErrandsAsync(VaultRowKind.Forward, [.. before.Select(errand => errand with { Text = [9] })], default);
            Assert.All(await ListAsync(), errand => Assert.Equal([9], errand.Text));
            Assert.Null(await vault.UpdateErrandsAsync(VaultRowKind.Forward, [after![0], before[1]], default));
            Assert.False(await vault.RemoveErrandsAsync(VaultRowKind.Forward, [after[0], before[1]], default));
            Assert.Equal(3, (await ListAsync()).Count);
            Assert.True(await vault.RemoveErrandsAsync(VaultRowKind.Forward, after, default));
            Assert.Empty(await ListAsync());

            async Task<List<Errand>> ListAsync() => await vault.ErrandsAsync(VaultRowKind.Forward, default).ToListAsync();
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
