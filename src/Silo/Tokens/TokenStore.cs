using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage;
using static SecureStore.Silo.Tokens.TokensDbContext;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// Clients and revoked tokens, durable in a SQLite file and held in memory, so that a check costs no I/O. Secrets are 256
/// random bits: there is nothing for a slow password hash to slow down. They are kept as MACs under a key of the vault, so
/// whoever writes the database cannot make himself a client.
/// </summary>
internal sealed class TokenStore : IRevokedTokens, IDisposable
{
    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS clients (client_id TEXT NOT NULL PRIMARY KEY, secret_mac BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS revoked (token_mac BLOB NOT NULL PRIMARY KEY, expires INTEGER NOT NULL);
        """;

    private readonly DbContextOptions<TokensDbContext> options;
    private readonly SecretKey clientKey;
    private readonly SecretKey revocationKey;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim writing = new(1);
    private readonly ConcurrentDictionary<string, byte[]> clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Mac, long> revoked = new();

    /// <param name="file">Path of the database; made where it is missing, its folder too.</param>
    /// <param name="serviceKey">The vault's key for tokens; not kept.</param>
    /// <param name="clock">Tells which revocations are over.</param>
    /// <exception cref="StorageUnavailableException">The file cannot be opened.</exception>
    public TokenStore(string file, SecretKey serviceKey, TimeProvider clock)
    {
        this.clock = clock;
        clientKey = SecretKey.Derive(serviceKey, "SecureStore token clients v1"u8);
        revocationKey = SecretKey.Derive(serviceKey, "SecureStore token revocations v1"u8);
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

    /// <summary>Whether there is such a client with that secret; as long for the one answer as for the other.</summary>
    public bool IsClient(string clientId, string secret)
    {
        var known = clients.TryGetValue(clientId, out var mac);
        return CryptographicOperations.FixedTimeEquals(MacOf(clientKey, clientId, secret).Bytes.Span, known ? mac : new byte[Mac.Size]) && known;
    }

    /// <summary>Adds a client, or gives it another secret.</summary>
    /// <exception cref="StorageUnavailableException">Not stored.</exception>
    public async Task SetClientAsync(string clientId, string secret, CancellationToken cancellation)
    {
        var mac = MacOf(clientKey, clientId, secret).ToArray();
        await WriteAsync(
            database => database.Database.ExecuteSqlAsync(
                $"INSERT INTO clients VALUES ({clientId}, {mac}) ON CONFLICT DO UPDATE SET secret_mac = excluded.secret_mac", cancellation),
            cancellation);
        clients[clientId] = mac;
    }

    public ValueTask<bool> IsRevokedAsync(string issuer, string tokenId, CancellationToken cancellation) =>
        new(!revoked.IsEmpty && revoked.ContainsKey(MacOf(revocationKey, issuer, tokenId)));

    public async ValueTask RevokeAsync(string issuer, string tokenId, DateTimeOffset expires, CancellationToken cancellation)
    {
        var mac = MacOf(revocationKey, issuer, tokenId);
        var until = expires.ToUnixTimeSeconds();
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        await WriteAsync(
            async database =>
            {
                await database.Revoked.Where(row => row.Expires < now).ExecuteDeleteAsync(cancellation);
                await database.Database.ExecuteSqlAsync(
                    $"INSERT INTO revoked VALUES ({mac.ToArray()}, {until}) ON CONFLICT DO UPDATE SET expires = max(expires, excluded.expires)", cancellation);
            },
            cancellation);
        foreach (var (over, _) in revoked.Where(row => row.Value < now))
            revoked.TryRemove(over, out _);
        revoked.AddOrUpdate(mac, until, (_, before) => Math.Max(before, until));
    }

    public void Dispose()
    {
        clientKey.Dispose();
        revocationKey.Dispose();
        writing.Dispose();
    }

    private static Mac MacOf(SecretKey key, string first, string second)
    {
        using var mac = key.BeginMac();
        mac.AppendData(Encoding.UTF8.GetBytes(first));
        mac.AppendData([0]);
        mac.AppendData(Encoding.UTF8.GetBytes(second));
        return mac.Finish();
    }

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
