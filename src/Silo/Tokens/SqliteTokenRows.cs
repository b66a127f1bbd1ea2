using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage;
using static SecureStore.Silo.Tokens.TokensDbContext;

namespace SecureStore.Silo.Tokens;

/// <summary>Durable in a SQLite file of one process, which holds it all in memory, so that a check costs no I/O.</summary>
internal sealed class SqliteTokenRows : ITokenRows
{
    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS clients (client_id TEXT NOT NULL PRIMARY KEY, secret_mac BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS revoked (token_mac BLOB NOT NULL PRIMARY KEY, expires INTEGER NOT NULL);
        """;

    private readonly DbContextOptions<TokensDbContext> options;
    private readonly SemaphoreSlim writing = new(1);
    private readonly ConcurrentDictionary<string, byte[]> clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Mac, long> revoked = new();

    /// <param name="file">Path of the database; made where it is missing, its folder too.</param>
    /// <exception cref="StorageUnavailableException">The file cannot be opened.</exception>
    public SqliteTokenRows(string file)
    {
        options = new DbContextOptionsBuilder<TokensDbContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5 }.ToString())
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options;
        try
        {
            Durable.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
            using var database = new TokensDbContext(options);
            database.Database.ExecuteSqlRaw(Tables);
            foreach (var client in database.Clients)
                clients[client.ClientId] = client.SecretMac;
            foreach (var row in database.Revoked)
                revoked[new Mac(row.TokenMac)] = row.Expires;
        }
        catch (Exception fault) when (fault is SqliteException || StorageFaults.MayPass(fault))
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    public ValueTask<byte[]?> FindClientAsync(string clientId, CancellationToken cancellation) => new(clients.GetValueOrDefault(clientId));

    public async ValueTask SetClientAsync(string clientId, byte[] secretMac, CancellationToken cancellation)
    {
        await WriteAsync(
            database => database.Database.ExecuteSqlAsync(
                $"INSERT INTO clients VALUES ({clientId}, {secretMac}) ON CONFLICT DO UPDATE SET secret_mac = excluded.secret_mac", cancellation),
            cancellation);
        clients[clientId] = secretMac;
    }

    public ValueTask<bool> IsRevokedAsync(Mac token, CancellationToken cancellation) => new(!revoked.IsEmpty && revoked.ContainsKey(token));

    public async ValueTask RevokeAsync(Mac token, long expires, long now, CancellationToken cancellation)
    {
        await WriteAsync(
            async database =>
            {
                await database.Revoked.Where(row => row.Expires < now).ExecuteDeleteAsync(cancellation);
                await database.Database.ExecuteSqlAsync(
                    $"INSERT INTO revoked VALUES ({token.ToArray()}, {expires}) ON CONFLICT DO UPDATE SET expires = max(expires, excluded.expires)", cancellation);
            },
            cancellation);
        foreach (var (over, _) in revoked.Where(row => row.Value < now))
            revoked.TryRemove(over, out _);
        revoked.AddOrUpdate(token, expires, (_, before) => Math.Max(before, expires));
    }

    public void Dispose() => writing.Dispose();

    private async Task WriteAsync(Func<TokensDbContext, Task> work, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await using var database = new TokensDbContext(options);
            await work(database);
        }
        catch (Exception fault) when (fault is SqliteException or DbUpdateException)
        {
            throw StorageFaults.Unavailable(fault);
        }
        finally
        {
            writing.Release();
        }
    }
}
