using Npgsql;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

/// <summary>One vault, one folder of keys.</summary>
public sealed class KeysMembershipTests(PostgresServer postgres) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keys");

    [Fact]
    public async Task Silos_that_share_a_folder_join_one_after_the_other()
    {
        var vault = await postgres.CreateDatabaseAsync();
        await using var first = await JoinAsync("keys", vault);
        var waiting = JoinAsync("keys", vault);
        await WaitForQueueAsync(vault);
        Assert.False(waiting.IsCompleted);
        await first.CompleteAsync();
        await using var second = await waiting;
        await second.CompleteAsync();
        await using var third = await JoinAsync("keys", vault);
    }

    [Fact]
    public async Task A_silo_with_a_copy_of_the_folder_is_refused_and_leaves_nothing_in_it()
    {
        var vault = await postgres.CreateDatabaseAsync();
        await using var first = await JoinedAsync("keys", vault);
        folder.CreateSubdirectory("copy");
        File.Copy(Path.Combine(folder.FullName, "keys", "lock"), Path.Combine(folder.FullName, "copy", "lock"));
        foreach (var own in new[] { "copy", "nothing" })
        {
            var refused = await Assert.ThrowsAsync<VaultException>(() => JoinAsync(own, vault));
            Assert.StartsWith("Keys:Path:", refused.Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(Path.Combine(folder.FullName, "nothing")));
        await using var second = await JoinAsync("keys", vault);
    }

    [Fact]
    public async Task A_folder_that_moved_is_taken_when_all_silos_have_stopped()
    {
        var vault = await postgres.CreateDatabaseAsync();
        await (await JoinedAsync("keys", vault)).DisposeAsync();
        Directory.Move(Path.Combine(folder.FullName, "keys"), Path.Combine(folder.FullName, "moved"));
        await using var joined = await JoinAsync("moved", vault, patience: TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_folder_that_silos_of_another_vault_use_is_refused()
    {
        await using var first = await JoinedAsync("keys", await postgres.CreateDatabaseAsync());
        var other = await postgres.CreateDatabaseAsync();
        var refused = await Assert.ThrowsAsync<VaultException>(() => JoinAsync("keys", other));
        Assert.StartsWith("Keys:Path:", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_silo_that_stands_alone_shares_with_nobody(bool isFirstAlone, bool isSecondAlone)
    {
        var vault = await postgres.CreateDatabaseAsync();
        await using var first = await JoinedAsync("keys", vault, isFirstAlone);
        var refused = await Assert.ThrowsAsync<VaultException>(() => JoinAsync("keys", vault, isSecondAlone));
        Assert.StartsWith("ConnectionStrings:Vault", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_of_the_database_costs_no_membership()
    {
        await using var own = new PostgresServer();
        var vault = await own.CreateDatabaseAsync();
        await using var first = await JoinedAsync("keys", vault);
        await own.StopAsync();
        await own.StartAsync();
        await WaitForMemberAsync(vault);
        Assert.False(first.Lost.IsCompleted);
        await Assert.ThrowsAsync<VaultException>(() => JoinAsync("copy", vault));
        await using var second = await JoinAsync("keys", vault);
    }

    [Fact]
    public async Task A_silo_learns_that_another_took_the_vault_while_it_could_not_reach_it()
    {
        var vault = await postgres.CreateDatabaseAsync();
        await using var first = await JoinedAsync("keys", vault);
        await using var thief = new NpgsqlConnection(vault);
        await thief.OpenAsync();
        await using var steal = new NpgsqlCommand(
            $"""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'securestore keys' AND datname = current_database();
            SELECT pg_advisory_lock({KeysMembership.Members})
            """,
            thief);
        await steal.ExecuteNonQueryAsync();
        await first.Lost.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private Task<KeysMembership> JoinAsync(string keys, string vault, bool alone = false, TimeSpan patience = default) =>
        KeysMembership.JoinAsync(Path.Combine(folder.FullName, keys), vault, alone, TimeProvider.System, patience);

    private async Task<KeysMembership> JoinedAsync(string keys, string vault, bool alone = false)
    {
        var joined = await JoinAsync(keys, vault, alone);
        await joined.CompleteAsync();
        return joined;
    }

    private static Task WaitForQueueAsync(string vault) => WaitForAsync(vault, "NOT granted");

    private static Task WaitForMemberAsync(string vault) => WaitForAsync(vault, "granted AND mode = 'ShareLock'");

    /// <summary>Until the database has an advisory lock of that kind.</summary>
    private static async Task WaitForAsync(string vault, string kind)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var connection = new NpgsqlConnection(vault);
        await connection.OpenAsync(limit.Token);
        await using var look = new NpgsqlCommand(
            $"SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND {kind})", connection);
        while (await look.ExecuteScalarAsync(limit.Token) is not true)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
