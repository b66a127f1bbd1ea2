using Microsoft.Data.Sqlite;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage.PostgreSql;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Tokens;

/// <summary>What all rows of the token store do.</summary>
public abstract class TokenRowsContract
{
    private static int macs;

    /// <summary>Rows over this test's own ground: called again, they are the rows after a restart.</summary>
    private protected abstract ITokenRows Open();

    [Fact]
    public async Task A_client_has_the_secret_that_it_was_given_last()
    {
        using (var rows = Open())
        {
            Assert.Null(await rows.FindClientAsync("admin", default));
            await rows.SetClientAsync("admin", [1], default);
            await rows.SetClientAsync("admin", [2], default);
            await rows.SetClientAsync("Admin", [3], default);
            Assert.Equal([2], await rows.FindClientAsync("admin", default));
            Assert.Null(await rows.FindClientAsync("ad\0min", default));
        }

        using var restarted = Open();
        Assert.Equal([2], await restarted.FindClientAsync("admin", default));
        Assert.Equal([3], await restarted.FindClientAsync("Admin", default));
    }

    [Fact]
    public async Task A_revoked_token_stays_revoked_until_it_is_over()
    {
        var (first, second) = (NewMac(), NewMac());
        using (var rows = Open())
        {
            Assert.False(await rows.IsRevokedAsync(first, default));
            await rows.RevokeAsync(first, 2000, 1000, default);
            await rows.RevokeAsync(first, 1500, 1000, default);
            await rows.RevokeAsync(second, 1600, 1700, default);
            Assert.True(await rows.IsRevokedAsync(first, default));
        }

        using var restarted = Open();
        Assert.True(await restarted.IsRevokedAsync(first, default));
        await restarted.RevokeAsync(NewMac(), 5000, 2001, default);
        Assert.False(await restarted.IsRevokedAsync(first, default));
        Assert.False(await restarted.IsRevokedAsync(second, default));
    }

    private protected static Mac NewMac()
    {
        var bytes = new byte[Mac.Size];
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref macs));
        return new Mac(bytes);
    }
}

public sealed class SqliteTokenRowsTests : TokenRowsContract, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tokens");

    private protected override ITokenRows Open() => new SqliteTokenRows(Path.Combine(folder.FullName, "tokens.db"));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }
}

public sealed class PostgresTokenRowsTests(PostgresServer server) : TokenRowsContract, IAsyncLifetime
{
    private string database = "";

    public async ValueTask InitializeAsync() => database = await server.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override ITokenRows Open() => new PostgresTokenRows(database);

    [Fact]
    public async Task What_one_silo_revokes_every_other_refuses_from_that_moment_on()
    {
        var silos = Enumerable.Range(0, 3).Select(_ => Open()).ToArray();
        for (var i = 0; i < 30; i++)
        {
            var token = NewMac();
            Assert.All(await Task.WhenAll(silos.Select(silo => silo.IsRevokedAsync(token, default).AsTask())), Assert.False);
            await silos[i % 3].RevokeAsync(token, 2000, 1000, default);
            Assert.All(await Task.WhenAll(silos.Select(silo => silo.IsRevokedAsync(token, default).AsTask())), Assert.True);
        }

        foreach (var silo in silos)
            silo.Dispose();
    }

    [Fact]
    public async Task A_client_that_one_silo_makes_every_other_knows()
    {
        using var first = Open();
        using var second = Open();
        await first.SetClientAsync("viewer", [7], default);
        Assert.Equal([7], await second.FindClientAsync("viewer", default));
    }

    [Fact]
    public async Task Silos_that_revoke_the_same_tokens_at_once_all_do()
    {
        var silos = Enumerable.Range(0, 3).Select(_ => Open()).ToArray();
        var tokens = Enumerable.Range(0, 40).Select(_ => NewMac()).ToArray();
        await Task.WhenAll(silos.SelectMany((silo, i) => (i == 0 ? tokens : tokens.Reverse()).Select(token => silo.RevokeAsync(token, 2000, 1000, default).AsTask())));
        Assert.All(await Task.WhenAll(tokens.Select(token => silos[0].IsRevokedAsync(token, default).AsTask())), Assert.True);
        foreach (var silo in silos)
            silo.Dispose();
    }
}
