using System.Collections.Concurrent;
using System.Security.Cryptography;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.PostgreSql;
using SecureStore.Silo.Tokens;
using static SecureStore.Silo.Tests.Storage.PostgreSql.PostgresSilosTests;

namespace SecureStore.Silo.Tests.Storage.PostgreSql;

/// <summary>A server that is killed, stopped and started again, so one of these tests' own.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private readonly PostgresServer server = new();
    private string database = "";

    public async ValueTask InitializeAsync() => database = await server.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task After_kill_9_during_commits_what_was_acknowledged_is_there_and_nothing_is_half_there()
    {
        await using var first = new PostgresCatalog(database);
        await using var second = new PostgresCatalog(database);
        using var audit = new PostgresAuditStore(database);
        using var vault = await PostgresVaultStore.OpenAsync(database, default);
        var studies = new ConcurrentDictionary<StudyHandle, bool>();
        var rows = new ConcurrentDictionary<Guid, bool>();
        var head = (AuditHead?)null;
        var acknowledgedHead = 0L;
        for (var round = 0; round < 3; round++)
        {
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var acknowledged = 0;
            void Count() => _ = Interlocked.Increment(ref acknowledged) == 150 && enough.TrySetResult();

            var writers = Enumerable.Range(0, 12).Select(i => Task.Run(() => UntilAwayAsync(async () =>
            {
                var silo = i % 2 == 0 ? first : second;
                var study = await AddAsync(silo);
                await silo.ClaimAsync(study, 0, default);
                studies[study] = false;
                await silo.CommitAsync(Commit(study, 1, 1, 2, 3), default);
                studies[study] = true;
                Count();
            }))).ToList();
            writers.Add(Task.Run(() => UntilAwayAsync(async () =>
            {
                var (page, patient) = (NewRow(VaultRowKind.Page), NewRow(VaultRowKind.Patient));
                patient = patient with { Parent = page.Id };
                rows[patient.Id] = false;
                Assert.True(await vault.CommitAsync(new VaultCommit { Inserts = [page, patient] }, default));
                rows[patient.Id] = true;
                Count();
            })));
            writers.Add(Task.Run(() => UntilAwayAsync(async () =>
            {
                head = await audit.HeadAsync(default);
                var size = head?.Size ?? 0;
                var next = new AuditHead(size + 2, [1], RandomNumberGenerator.GetBytes(32));
                Assert.True(await audit.AppendAsync(head, next, [NewEntry(size), NewEntry(size + 1)], default));
                acknowledgedHead = next.Size;
                Count();
            })));

            await enough.Task;
            await server.KillAsync();
            await Task.WhenAll(writers);
            await server.StartAsync();

            var changes = new HashSet<long>();
            foreach (var (study, isAcknowledged) in studies)
            {
                var row = await EventuallyAsync(() => first.GetStudyAsync(study, default));
                var instances = (await second.ListInstancesAsync(study, default).ToListAsync()).Count;
                Assert.Equal(row!.Change > 0 ? 3 : 0, instances);
                Assert.True(row.Change > 0 || !isAcknowledged);
                Assert.True(row.Change == 0 || changes.Add(row.Change));
            }

            Assert.Equal(changes.Count == 0 ? 0 : changes.Max(), await second.LatestChangeAsync(default));
            Assert.Equal(changes.Count, await first.LatestChangeAsync(default));
            foreach (var (patient, isAcknowledged) in rows)
            {
                var isThere = await EventuallyAsync(() => vault.FindAsync(VaultRowKind.Patient, patient, default)) is not null;
                Assert.True(isThere || !isAcknowledged);
                Assert.Equal(isThere, await vault.FindPatientAsync(patient, default) is not null);
            }

            var size = (await EventuallyAsync(() => audit.HeadAsync(default)))?.Size ?? 0;
            Assert.InRange(size, acknowledgedHead, acknowledgedHead + 2);
            Assert.Equal(size, await audit.ReadAsync(0, default).CountAsync());
            acknowledgedHead = size;
        }
    }

    [Fact]
    public async Task A_commit_that_its_replica_does_not_confirm_in_time_is_not_called_done()
    {
        var hasty = database + ";Command Timeout=2";
        await using var catalog = new PostgresCatalog(hasty);
        using var audit = new PostgresAuditStore(hasty);
        using var vault = await PostgresVaultStore.OpenAsync(hasty, default);
        var study = await AddAsync(catalog);
        await catalog.ClaimAsync(study, 0, default);
        await ReplicateToAsync("nobody");

        Func<Task>[] commits =
        [
            async () => await catalog.CommitAsync(Commit(study, 1, 1), default),
            async () => await vault.CommitAsync(new VaultCommit { Inserts = [NewRow(VaultRowKind.Page)] }, default),
            async () => await audit.AppendAsync(null, new AuditHead(1, [1], new byte[32]), [NewEntry(0)], default),
        ];
        foreach (var commit in commits)
            await Assert.ThrowsAsync<StorageUnavailableException>(commit);
    }

    /// <summary>Commits wait for a standby of this name from now on.</summary>
    private async Task ReplicateToAsync(string standby)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(database + ";Pooling=false");
        await using (var set = source.CreateCommand($"ALTER SYSTEM SET synchronous_standby_names = '{standby}'"))
            await set.ExecuteNonQueryAsync();
        await using (var reload = source.CreateCommand("SELECT pg_reload_conf()"))
            await reload.ExecuteNonQueryAsync();
        while (true)
        {
            await using var show = source.CreateCommand("SHOW synchronous_standby_names");
            if ((string?)await show.ExecuteScalarAsync() == standby)
                return;
        }
    }

    [Fact]
    public async Task A_connection_whose_prepared_statements_are_gone_is_replaced()
    {
        await using var catalog = new PostgresCatalog(database);
        using var shared = new PostgresDatabase(database, PostgresSchemas.Catalog, 12);
        using var writer = new PostgresCatalogWriter(shared);
        var study = await AddAsync(catalog);
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(await catalog.GetStudyAsync(study, default));
            writer.Commit([new StudyClaim(study, i)]);
        }

        // The driver takes them for prepared all the same.
        await using (var pooled = await shared.OpenAsync(default))
            await ForgetAsync(pooled);
        await ForgetAsync(writer.Connection!);

        Assert.NotNull(await catalog.GetStudyAsync(study, default));
        var claim = new StudyClaim(study, 3);
        writer.Commit([claim]);
        claim.Finish();
        Assert.Equal(4, await claim.Outcome);

        static async Task ForgetAsync(Npgsql.NpgsqlConnection connection)
        {
            await using var forget = new Npgsql.NpgsqlCommand("DEALLOCATE ALL", connection);
            await forget.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task While_the_server_is_away_everything_is_refused_and_after_it_goes_on()
    {
        await using var catalog = new PostgresCatalog(database);
        using var audit = new PostgresAuditStore(database);
        using var vault = await PostgresVaultStore.OpenAsync(database, default);
        using var tokens = new PostgresTokenRows(database);
        var token = new Mac(RandomNumberGenerator.GetBytes(Mac.Size));
        await tokens.RevokeAsync(token, 2000, 1000, default);
        var study = await AddAsync(catalog);
        await catalog.ClaimAsync(study, 0, default);

        await server.StopAsync();
        var (page, next) = (NewRow(VaultRowKind.Page), new AuditHead(1, [1], new byte[32]));
        Func<Task>[] all =
        [
            async () => await catalog.CommitAsync(Commit(study, 1, 1), default),
            async () => await catalog.ClaimAsync(study, 1, default),
            async () => await catalog.GetStudyAsync(study, default),
            async () => await catalog.ChangesAsync(0, default).ToListAsync(),
            async () => await audit.HeadAsync(default),
            async () => await audit.AppendAsync(null, next, [NewEntry(0)], default),
            async () => await vault.FindStudyAsync(Guid.NewGuid(), default),
            async () => await vault.CommitAsync(new VaultCommit { Inserts = [page] }, default),
            async () => await tokens.IsRevokedAsync(token, default),
            async () => await tokens.FindClientAsync("admin", default),
            async () => await tokens.RevokeAsync(token, 3000, 1000, default),
            async () => { await using var other = new PostgresCatalog(database); },
        ];
        foreach (var one in all)
            await Assert.ThrowsAsync<StorageUnavailableException>(one);

        await server.StartAsync();
        Assert.True(await EventuallyAsync(() => tokens.IsRevokedAsync(token, default)));
        Assert.Equal(0, (await EventuallyAsync(() => catalog.GetStudyAsync(study, default)))!.Change);
        await EventuallyAsync(async () =>
        {
            await catalog.CommitAsync(Commit(study, 1, 1), default);
            return true;
        });
        Assert.True(await EventuallyAsync(() => vault.CommitAsync(new VaultCommit { Inserts = [page] }, default)));
        Assert.True(await EventuallyAsync(() => audit.AppendAsync(null, next, [NewEntry(0)], default)));
    }

    /// <summary>Works on until storage says that it is away; anything else it says fails the test.</summary>
    private static async Task UntilAwayAsync(Func<Task> work)
    {
        try
        {
            while (true)
                await work();
        }
        catch (StorageUnavailableException)
        {
        }
    }

    /// <summary>Asks until the circuit is closed again.</summary>
    private static async Task<T> EventuallyAsync<T>(Func<ValueTask<T>> ask)
    {
        var asked = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (StorageUnavailableException) when (TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(30))
            {
                await Task.Yield();
            }
        }
    }

    private static AuditRow NewEntry(long index) => new(index, Guid.NewGuid(), RandomNumberGenerator.GetBytes(300), new byte[32]);

    private static VaultRow NewRow(VaultRowKind kind) =>
        new() { Kind = kind, Id = Guid.NewGuid(), Version = 1, KeyId = Guid.NewGuid(), Parent = Guid.NewGuid(), WrappedKey = [1] };
}
