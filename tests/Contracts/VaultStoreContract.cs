using System.Security.Cryptography;
using SecureStore.Grains.Storage;
using Xunit;

namespace SecureStore.Contracts;

/// <summary>What every <see cref="IVaultStore"/> does. A test class of an adapter inherits it.</summary>
public abstract class VaultStoreContract
{
    /// <summary>A store over this test's own ground: called again, it is the store after a restart.</summary>
    protected abstract IVaultStore Open();

    [Fact]
    public async Task A_new_store_is_empty_until_something_is_committed()
    {
        var store = Open();
        Assert.True(await store.IsEmptyAsync(default));
        await InsertAsync(store, Row(VaultRowKind.Page));
        Assert.False(await store.IsEmptyAsync(default));
    }

    [Fact]
    public async Task What_was_committed_is_there_after_a_restart()
    {
        var row = Row(VaultRowKind.Patient) with { LookUp = NewMac(), Sealed = RandomNumberGenerator.GetBytes(300) };
        await InsertAsync(Open(), row);
        Same(row, await Open().FindAsync(VaultRowKind.Patient, row.Id, default));
        Assert.Null(await Open().FindAsync(VaultRowKind.Study, row.Id, default));
    }

    [Fact]
    public async Task An_update_needs_the_version_before_it()
    {
        var store = Open();
        var row = Row(VaultRowKind.Page);
        await InsertAsync(store, row);
        var next = row with { Version = 2, KeyId = Guid.NewGuid(), Parent = Guid.NewGuid(), WrappedKey = [1, 2], Sealed = [3], LookUp = NewMac() };
        Assert.True(await store.CommitAsync(new VaultCommit { Updates = [next] }, default));
        Assert.False(await store.CommitAsync(new VaultCommit { Updates = [next] }, default));
        Assert.False(await store.CommitAsync(new VaultCommit { Updates = [next with { Version = 4 }] }, default));
        Same(next, await store.FindAsync(row.Kind, row.Id, default));
    }

    [Fact]
    public async Task A_delete_needs_the_very_version()
    {
        var store = Open();
        var row = Row(VaultRowKind.Study);
        await InsertAsync(store, row);
        Assert.False(await store.CommitAsync(new VaultCommit { Deletes = [row with { Version = 2 }] }, default));
        Same(row, await store.FindAsync(row.Kind, row.Id, default));
        Assert.True(await store.CommitAsync(new VaultCommit { Deletes = [row] }, default));
        Assert.Null(await store.FindAsync(row.Kind, row.Id, default));
        Assert.False(await store.CommitAsync(new VaultCommit { Deletes = [row] }, default));
        Assert.False(await store.CommitAsync(new VaultCommit { Updates = [row with { Version = 2 }] }, default));
    }

    [Fact]
    public async Task An_insert_needs_the_row_and_its_look_up_to_be_new()
    {
        var store = Open();
        var row = Row(VaultRowKind.Patient) with { LookUp = NewMac() };
        await InsertAsync(store, row);
        Assert.False(await store.CommitAsync(new VaultCommit { Inserts = [row with { LookUp = NewMac() }] }, default));
        Assert.False(await store.CommitAsync(new VaultCommit { Inserts = [row with { Id = Guid.NewGuid() }] }, default));
        Same(row, await store.FindAsync(row.Kind, row.Id, default));
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = [row with { Kind = VaultRowKind.Study }] }, default));
    }

    [Fact]
    public async Task A_deleted_look_up_is_free_again()
    {
        var store = Open();
        var row = Row(VaultRowKind.Patient) with { LookUp = NewMac() };
        await InsertAsync(store, row);
        Assert.True(await store.CommitAsync(new VaultCommit { Deletes = [row] }, default));
        await InsertAsync(store, row with { Id = Guid.NewGuid() });
    }

    [Fact]
    public async Task A_required_row_must_be_at_its_version_and_stays()
    {
        var store = Open();
        var row = Row(VaultRowKind.Epoch);
        await InsertAsync(store, row);
        var page = Row(VaultRowKind.Page);
        Assert.False(await store.CommitAsync(new VaultCommit { Required = [row with { Version = 2 }], Inserts = [page] }, default));
        Assert.False(await store.CommitAsync(new VaultCommit { Required = [Row(VaultRowKind.Epoch)], Inserts = [page] }, default));
        Assert.Null(await store.FindAsync(page.Kind, page.Id, default));
        Assert.True(await store.CommitAsync(new VaultCommit { Required = [row], Inserts = [page] }, default));
        Same(row, await store.FindAsync(row.Kind, row.Id, default));
    }

    [Fact]
    public async Task A_commit_with_one_wrong_condition_changes_nothing()
    {
        var store = Open();
        var (kept, changed, deleted) = (Row(VaultRowKind.Page), Row(VaultRowKind.Page), Row(VaultRowKind.Study));
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = [kept, changed, deleted] }, default));
        var added = Row(VaultRowKind.Patient);
        var commit = new VaultCommit { Inserts = [added], Updates = [changed with { Version = 2 }], Deletes = [deleted] };
        Assert.False(await store.CommitAsync(commit with { Updates = [.. commit.Updates, kept with { Version = 7 }] }, default));
        Assert.False(await store.CommitAsync(commit with { Deletes = [.. commit.Deletes, kept with { Version = 2 }] }, default));
        Assert.False(await store.CommitAsync(commit with { Inserts = [.. commit.Inserts, kept] }, default));
        Same(changed, await store.FindAsync(changed.Kind, changed.Id, default));
        Same(deleted, await store.FindAsync(deleted.Kind, deleted.Id, default));
        Assert.Null(await store.FindAsync(added.Kind, added.Id, default));
        Assert.True(await store.CommitAsync(commit, default));
        Assert.Null(await store.FindAsync(deleted.Kind, deleted.Id, default));
    }

    [Fact]
    public async Task Of_many_commits_that_change_one_version_one_wins()
    {
        var store = Open();
        var row = Row(VaultRowKind.Page);
        await InsertAsync(store, row);
        var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await store.CommitAsync(
            new VaultCommit { Updates = [row with { Version = 2 }], Inserts = [Row(VaultRowKind.Patient) with { Parent = row.Id }] }, default))));
        Assert.Single(won, true);
        Assert.Single(await store.ListChildrenAsync(VaultRowKind.Patient, row.Id, default));
    }

    [Fact]
    public async Task Chains_lead_up_to_the_page()
    {
        var store = Open();
        var page = Row(VaultRowKind.Page);
        var patient = Row(VaultRowKind.Patient) with { Parent = page.Id, LookUp = NewMac() };
        var studies = Enumerable.Range(0, 500).Select(_ => Row(VaultRowKind.Study) with { Parent = patient.Id }).ToList();
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = [page, patient, .. studies] }, default));

        var chain = await store.FindStudyAsync(studies[3].Id, default);
        Same(studies[3], chain?.Study);
        Same(patient, chain?.Patient);
        Same(page, chain?.Page);
        foreach (var found in new[] { await store.FindPatientAsync(patient.Id, default), await store.FindPatientAsync(patient.LookUp!.Value, default) })
        {
            Same(patient, found?.Patient);
            Same(page, found?.Page);
        }
        Assert.Null(await store.FindStudyAsync(patient.Id, default));
        Assert.Null(await store.FindPatientAsync(studies[0].Id, default));
        Assert.Null(await store.FindPatientAsync(NewMac(), default));

        var asked = studies.Skip(1).Select(study => study.Id).Append(Guid.NewGuid()).ToList();
        var chains = await store.FindStudiesAsync(asked, default);
        Assert.Equal(asked.Take(499).Order(), chains.Select(one => one.Study.Id).Order());
        Assert.All(chains, one => Same(patient, one.Patient));
        Assert.All(chains, one => Same(page, one.Page));
        Assert.Empty(await store.FindStudiesAsync([], default));
    }

    [Fact]
    public async Task Children_and_kinds_are_listed_whole()
    {
        var store = Open();
        var parent = Guid.NewGuid();
        var children = Enumerable.Range(0, 5).Select(_ => Row(VaultRowKind.Study) with { Parent = parent }).ToList();
        var others = new[] { Row(VaultRowKind.Study), Row(VaultRowKind.Patient) with { Parent = parent } };
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = [.. children, .. others] }, default));
        Assert.Equal(
            children.Select(row => row.Id).Order(), (await store.ListChildrenAsync(VaultRowKind.Study, parent, default)).Select(row => row.Id).Order());
        var listed = new List<Guid>();
        await foreach (var row in store.ListAsync(VaultRowKind.Study, default))
            listed.Add(row.Id);
        Assert.Equal(children.Append(others[0]).Select(row => row.Id).Order(), listed.Order());
    }

    [Fact]
    public async Task A_page_with_room_is_found_and_a_full_one_is_not()
    {
        var store = Open();
        Assert.Null(await store.FindPageWithRoomAsync(2, default));
        var (full, roomy) = (Row(VaultRowKind.Page), Row(VaultRowKind.Page));
        await InsertAsync(store, full, Row(VaultRowKind.Patient) with { Parent = full.Id }, Row(VaultRowKind.Patient) with { Parent = full.Id }, Row(VaultRowKind.ServicePage));
        Assert.Null(await store.FindPageWithRoomAsync(2, default));
        Assert.Equal((full.Id, 2), await store.FindPageWithRoomAsync(3, default));
        await InsertAsync(store, roomy);
        Assert.Equal((roomy.Id, 0), await store.FindPageWithRoomAsync(2, default));
    }

    private static VaultRow Row(VaultRowKind kind) => new()
    {
        Kind = kind,
        Id = Guid.NewGuid(),
        Version = 1,
        KeyId = Guid.NewGuid(),
        Parent = Guid.NewGuid(),
        WrappedKey = RandomNumberGenerator.GetBytes(60),
    };

    private static Mac NewMac() => new(RandomNumberGenerator.GetBytes(Mac.Size));

    private static async Task InsertAsync(IVaultStore store, params VaultRow[] rows) =>
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = rows }, default));

    private static void Same(VaultRow expected, VaultRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.WrappedKey, actual.WrappedKey);
        Assert.Equal(expected.Sealed, actual.Sealed);
        Assert.Equal(expected, actual with { WrappedKey = expected.WrappedKey, Sealed = expected.Sealed });
    }
}
