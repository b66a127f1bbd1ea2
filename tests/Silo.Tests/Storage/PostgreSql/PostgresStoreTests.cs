using Npgsql;
using SecureStore.Contracts;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Tests.Storage.PostgreSql;

public sealed class PostgresCatalogTests(PostgresServer server) : CatalogContract, IAsyncLifetime
{
    private string database = "";
    private PostgresCatalog catalog = null!;

    protected override ICatalog Catalog => catalog;

    public async ValueTask InitializeAsync()
    {
        database = await server.CreateDatabaseAsync();
        catalog = new PostgresCatalog(database);
    }

    public ValueTask DisposeAsync() => catalog.DisposeAsync();

    [Fact]
    public async Task A_restart_keeps_what_was_committed()
    {
        var study = await ClaimedAsync();
        await catalog.CommitAsync(Commit(study) with { Instances = [Instance(study, 1)] }, default);
        await catalog.DisposeAsync();
        catalog = new PostgresCatalog(database);

        Assert.Equal(1, await catalog.LatestChangeAsync(default));
        Assert.Equal(1, (await catalog.GetStudyAsync(study, default))!.OwnerEpoch);
        Assert.Single(await catalog.ListInstancesAsync(study, default).ToListAsync());
    }

    [Fact]
    public async Task A_commit_may_have_more_instances_than_a_statement_takes()
    {
        var study = await ClaimedAsync();
        await catalog.CommitAsync(Commit(study) with { Instances = [.. Enumerable.Range(1, 5000).Select(ordinal => Instance(study, ordinal))] }, default);
        Assert.Equal(
            Enumerable.Range(1, 5000).Select(ordinal => (long)ordinal),
            (await catalog.ListInstancesAsync(study, default).ToListAsync()).Select(row => row.Ordinal));
    }

    [Fact]
    public async Task A_read_that_the_server_refuses_says_that_storage_is_not_available()
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("ALTER TABLE catalog.latest_change RENAME TO hidden");
        await command.ExecuteNonQueryAsync();
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await catalog.LatestChangeAsync(default));
    }

    [Fact]
    public async Task The_writer_gives_each_change_its_number()
    {
        var (first, second) = (await ClaimedAsync(), await ClaimedAsync());
        using var writer = new PostgresCatalogWriter(new PostgresDatabase(database, PostgresSchemas.Catalog, 2));
        StudyChange[] group = [new(Commit(first)), new(Commit(second, epoch: 9)), new(Commit(second)), new(Commit(first))];
        writer.Commit([.. group]);
        foreach (var change in group)
            change.Finish();

        var numbers = await Task.WhenAll(group[0].Outcome, group[2].Outcome, group[3].Outcome);
        Assert.Equal([1, 2, 3], numbers);
        await Assert.ThrowsAsync<StudyFencedException>(() => group[1].Outcome);
        Assert.Equal([(second, 2), (first, 3)], (await catalog.ChangesAsync(0, default).ToListAsync()).Select(row => (row.Study, row.Change)));
    }

    [Fact]
    public async Task Claims_and_changes_of_one_study_in_one_group_follow_one_another()
    {
        var study = await ClaimedAsync();
        using var writer = new PostgresCatalogWriter(new PostgresDatabase(database, PostgresSchemas.Catalog, 2));
        var before = new StudyChange(Commit(study) with { Instances = [Instance(study, 1)] });
        var claim = new StudyClaim(study, 1);
        var late = new StudyChange(Commit(study) with { Instances = [Instance(study, 2)] });
        var after = new StudyChange(Commit(study, epoch: 2) with { Instances = [Instance(study, 3)] });
        CatalogWrite[] group = [before, claim, late, after];
        writer.Commit(group);
        foreach (var write in group)
            write.Finish();

        Assert.Equal(2, await claim.Outcome);
        await Assert.ThrowsAsync<StudyFencedException>(() => late.Outcome);
        Assert.Equal([1, 3], (await catalog.ListInstancesAsync(study, default).ToListAsync()).Select(row => row.Ordinal));
        Assert.Equal((2, 2), ((await catalog.GetStudyAsync(study, default))!.OwnerEpoch, await after.Outcome));
    }

    [Theory]
    [InlineData("studies_by_due_day", "SELECT * FROM studies WHERE state = 1 OR (state = 0 AND due_day <= 5)")]
    [InlineData("studies_by_change", "SELECT * FROM studies WHERE change > 5 ORDER BY change LIMIT 9")]
    [InlineData("instances_by_uid", "SELECT study FROM instances WHERE sop_instance_uid = '\\x00'")]
    public async Task Reads_go_by_index(string index, string query)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Search Path=catalog;Options=-c enable_seqscan=off");
        await using var command = source.CreateCommand("EXPLAIN " + query);
        await using var plan = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await plan.ReadAsync())
            steps.Add(plan.GetString(0));
        Assert.Contains(steps, step => step.Contains(index, StringComparison.Ordinal));
        Assert.DoesNotContain(steps, step => step.Contains("Seq Scan", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_make_commits_durable_whatever_the_server_is_set_to()
    {
        await using var asked = new NpgsqlConnection(database);
        await asked.OpenAsync();
        await using (var careless = new NpgsqlCommand($"ALTER DATABASE {asked.Database} SET synchronous_commit = off", asked))
            await careless.ExecuteNonQueryAsync();
        await using var session = await new PostgresDatabase(database, PostgresSchemas.Catalog, 1).OpenAsync(default);
        foreach (var (setting, value) in new[] { ("synchronous_commit", "on"), ("search_path", "catalog"), ("jit", "off"), ("statement_timeout", "10s"), ("idle_in_transaction_session_timeout", "3s") })
        {
            await using var show = new NpgsqlCommand("SHOW " + setting, session);
            Assert.Equal(value, await show.ExecuteScalarAsync());
        }
    }
}

public sealed class PostgresAuditStoreTests(PostgresServer server) : AuditStoreContract, IAsyncLifetime
{
    private string database = "";

    public async ValueTask InitializeAsync() => database = await server.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override IAuditStore Open() => new PostgresAuditStore(database);

    [Theory]
    [InlineData("UPDATE audit.entries SET sealed = ''")]
    [InlineData("DELETE FROM audit.entries")]
    [InlineData("TRUNCATE audit.entries")]
    public async Task The_tables_themselves_refuse_changes(string sql)
    {
        await Open().AppendAsync(null, new AuditHead(1, [], []), [new AuditRow(0, Guid.NewGuid(), [1], [2])], default);
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
    }
}

public sealed class PostgresVaultStoreTests(PostgresServer server) : VaultStoreContract, IAsyncLifetime
{
    private readonly List<PostgresVaultStore> opened = [];
    private string database = "";

    public async ValueTask InitializeAsync() => database = await server.CreateDatabaseAsync();

    public ValueTask DisposeAsync()
    {
        opened.ForEach(store => store.Dispose());
        return ValueTask.CompletedTask;
    }

    protected override IVaultStore Open()
    {
        opened.Add(PostgresVaultStore.OpenAsync(database, default).GetAwaiter().GetResult());
        return opened[^1];
    }

    [Fact]
    public async Task More_rows_than_a_slice_are_listed_once_each()
    {
        var store = Open();
        var rows = Enumerable.Range(0, 2500).Select(_ => NewRow(VaultRowKind.Page)).ToList();
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = rows }, default));
        var listed = new List<Guid>();
        await foreach (var row in store.ListAsync(VaultRowKind.Page, default))
            listed.Add(row.Id);
        Assert.Equal(rows.Select(row => row.Id).Order(), listed.Order());
    }

    [Fact]
    public async Task What_one_silo_requires_another_does_not_change_beside_it()
    {
        var (first, second) = (Open(), Open());
        var epoch = NewRow(VaultRowKind.Epoch);
        Assert.True(await first.CommitAsync(new VaultCommit { Inserts = [epoch] }, default));

        // While one silo requires the epoch as it is, another turns it: of the two one is refused, or the turn comes after.
        for (var version = 1L; version <= 30; version++)
        {
            var page = NewRow(VaultRowKind.Page) with { KeyId = Guid.NewGuid() };
            var require = Task.Run(() => first.CommitAsync(new VaultCommit { Required = [epoch], Inserts = [page] }, default).AsTask());
            var turn = Task.Run(() => second.CommitAsync(new VaultCommit { Updates = [epoch with { Version = version + 1 }] }, default).AsTask());
            await Task.WhenAll(require, turn);
            Assert.True(await turn);
            Assert.Equal(await require, await second.FindAsync(page.Kind, page.Id, default) is not null);
            epoch = epoch with { Version = version + 1 };
        }
    }

    [Fact]
    public async Task Of_many_silos_that_change_one_version_one_wins()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => Open()).ToArray();
        var rows = new[] { NewRow(VaultRowKind.Page), NewRow(VaultRowKind.Patient), NewRow(VaultRowKind.Study) };
        Assert.True(await stores[0].CommitAsync(new VaultCommit { Inserts = rows }, default));
        for (var version = 2L; version <= 10; version++)
        {
            // In as many orders as there are silos: nobody waits for somebody who waits for him.
            var won = await Task.WhenAll(stores.Select((store, i) => Task.Run(() => store.CommitAsync(
                new VaultCommit { Updates = [.. rows.Select((_, at) => rows[(at + i) % 3] with { Version = version, Sealed = [(byte)i] })] }, default).AsTask())));
            var winner = Assert.Single(Enumerable.Range(0, stores.Length), i => won[i]);
            foreach (var row in rows)
                Assert.Equal([(byte)winner], (await stores[0].FindAsync(row.Kind, row.Id, default))!.Sealed);
        }
    }

    private static VaultRow NewRow(VaultRowKind kind) =>
        new() { Kind = kind, Id = Guid.NewGuid(), Version = 1, KeyId = Guid.NewGuid(), Parent = Guid.NewGuid(), WrappedKey = [1] };
}
