using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Tests.Storage.PostgreSql;

/// <summary>Several silos over one database: each has store objects, connections and committers of its own.</summary>
public sealed class PostgresSilosTests(PostgresServer server) : IAsyncLifetime
{
    private string database = "";
    private PostgresCatalog first = null!;
    private PostgresCatalog second = null!;

    public async ValueTask InitializeAsync()
    {
        database = await server.CreateDatabaseAsync();
        (first, second) = (new PostgresCatalog(database), new PostgresCatalog(database));
    }

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Of_two_silos_that_claim_a_study_one_owns_it_and_the_other_cannot_commit()
    {
        for (var round = 0; round < 20; round++)
        {
            var study = await AddAsync(first);
            var claims = await Task.WhenAll(new[] { first, second }.Select(silo => Task.Run(() => silo.ClaimAsync(study, 0, default).AsTask())));
            Assert.Equal(1, Assert.Single(claims, claim => claim is not null));
        }

        var taken = await AddAsync(first);
        Assert.Equal(1, await first.ClaimAsync(taken, 0, default));
        await first.CommitAsync(Commit(taken, 1, 1), default);
        Assert.Equal(2, await second.ClaimAsync(taken, 1, default));
        await Assert.ThrowsAsync<StudyFencedException>(async () => await first.CommitAsync(Commit(taken, 1, 2), default));
        await second.CommitAsync(Commit(taken, 2, 2), default);
        Assert.Equal(2, await second.ListInstancesAsync(taken, default).CountAsync());
    }

    [Fact]
    public async Task A_claim_beside_commits_of_the_owner_before_leaves_none_behind_it()
    {
        var study = await AddAsync(first);
        await first.ClaimAsync(study, 0, default);
        var acknowledged = 0;
        var owner = Task.Run(async () =>
        {
            for (var ordinal = 1L; ; ordinal++)
            {
                await first.CommitAsync(Commit(study, 1, ordinal), default);
                acknowledged++;
            }
        });
        while (!owner.IsCompleted && await second.LatestChangeAsync(default) < 20)
        {
        }

        Assert.Equal(2, await second.ClaimAsync(study, 1, default));
        var claimed = await second.ListInstancesAsync(study, default).CountAsync();
        await Assert.ThrowsAsync<StudyFencedException>(() => owner);
        Assert.Equal(claimed, await second.ListInstancesAsync(study, default).CountAsync());
        Assert.Equal(claimed, acknowledged);
    }

    [Fact]
    public async Task A_third_silo_that_follows_the_changes_of_two_misses_none()
    {
        const int studiesOfSilo = 200;
        PostgresCatalog[] silos = [first, second];
        var work = silos.Select(silo => Task.Run(async () =>
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, studiesOfSilo), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            {
                var study = await AddAsync(silo);
                await silo.ClaimAsync(study, 0, default);
                await silo.CommitAsync(Commit(study, 1, 1), default);
            });
        })).ToArray();

        await using var third = new PostgresCatalog(database);
        var seen = new List<long>();
        while (seen.Count < 2 * studiesOfSilo)
        {
            var latest = await third.LatestChangeAsync(default);
            await foreach (var row in third.ChangesAsync(seen.Count, default))
                seen.Add(row.Change);
            Assert.True(seen.Count >= latest);
        }

        await Task.WhenAll(work);
        Assert.Equal(Enumerable.Range(1, 2 * studiesOfSilo).Select(number => (long)number), seen);
    }

    [Fact]
    public async Task Silos_that_add_the_same_studies_in_all_orders_agree_on_them()
    {
        var uids = Enumerable.Range(0, 300).Select(_ => NewMac()).ToArray();
        var rows = await Task.WhenAll(new[] { first, second, first, second }.Select((silo, i) => Task.Run(async () =>
        {
            var order = uids.ToArray();
            new Random(i).Shuffle(order);
            return await Task.WhenAll(order.Select(async uid => await silo.AddStudyAsync(uid, StudyHandle.New(), default)));
        })));
        Assert.All(rows.SelectMany(silo => silo).GroupBy(row => row.StudyUid), same => Assert.Single(same.Select(row => row.Study).Distinct()));
        Assert.Equal(300, rows[0].Select(row => row.Study).Distinct().Count());
    }

    [Fact]
    public async Task A_silo_that_is_paused_in_a_transaction_does_not_hold_the_others_up()
    {
        var study = await AddAsync(first);
        await first.ClaimAsync(study, 0, default);
        await using var paused = await new PostgresDatabase(database, PostgresSchemas.Catalog, 1).OpenAsync(default);
        await using (var hold = new NpgsqlCommand("BEGIN; UPDATE latest_change SET number = number + 1; SELECT * FROM studies FOR UPDATE", paused))
            await hold.ExecuteNonQueryAsync();

        await first.CommitAsync(Commit(study, 1, 1), default);
        Assert.Equal(1, await second.LatestChangeAsync(default));
        await using var late = new NpgsqlCommand("COMMIT", paused);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => late.ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task The_logs_of_three_silos_are_one_log()
    {
        using var key = SecretKey.Generate();
        var stores = Enumerable.Range(0, 3).Select(_ => new PostgresAuditStore(database)).ToArray();
        var logs = stores.Select(store => new AuditLog(store, new FakeTimeProvider())).ToArray();
        await logs[0].InitialiseAsync(key, default);
        await logs[1].OpenAsync(key, default);
        await logs[2].OpenAsync(key, default);

        var indexes = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => logs[i % 3].AppendAsync(
            new AuditEvent { Id = Guid.NewGuid(), Time = DateTimeOffset.UnixEpoch, Action = AuditAction.StudyOpened, Actor = $"a{i}" }, default).AsTask())));

        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), indexes.Order());
        Assert.Equal(301, await logs[2].VerifyAsync(default));
        foreach (var log in logs)
            await log.DisposeAsync();
        foreach (var store in stores)
            store.Dispose();
    }

    internal static async Task<StudyHandle> AddAsync(PostgresCatalog silo) => (await silo.AddStudyAsync(NewMac(), StudyHandle.New(), default)).Study;

    /// <summary>A commit of instances with these ordinals.</summary>
    internal static StudyCommit Commit(StudyHandle study, long epoch, params long[] ordinals) => new()
    {
        Study = study,
        OwnerEpoch = epoch,
        State = StudyState.Active,
        DueDay = new DateOnly(2036, 1, 1),
        SealedFacts = RandomNumberGenerator.GetBytes(200),
        Instances = [.. ordinals.Select(ordinal => new InstanceRow(study, NewMac(), ordinal, RandomNumberGenerator.GetBytes(900)))],
    };

    private static Mac NewMac() => new(RandomNumberGenerator.GetBytes(Mac.Size));
}
