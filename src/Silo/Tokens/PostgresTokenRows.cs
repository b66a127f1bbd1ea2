using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.PostgreSql;
using static SecureStore.Silo.Storage.PostgreSql.PostgresBatch;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// In a PostgreSQL database's schema <c>tokens</c>, which any number of silos share. Nothing is held in memory: each check
/// asks the database, together with the checks that come at the same time, so a revocation holds on all silos at once.
/// </summary>
internal sealed class PostgresTokenRows : ITokenRows
{
    private const int Connections = 3;

    private readonly PostgresDatabase database;
    private readonly GatheredLookUp<Mac> revoked;

    /// <inheritdoc cref="PostgresCatalog(string)"/>
    public PostgresTokenRows(string connectionString)
        : this(new PostgresDatabase(connectionString, PostgresSchemas.Tokens, Connections))
    {
    }

    internal PostgresTokenRows(PostgresDatabase database)
    {
        this.database = database;
        database.Migrate();
        revoked = new GatheredLookUp<Mac>(FindRevokedAsync);
    }

    public async ValueTask<byte[]?> FindClientAsync(string clientId, CancellationToken cancellation)
    {
        // PostgreSQL has no such text, so no client is named so.
        if (clientId.Contains('\0'))
            return null;
        return await AgainAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand("SELECT secret_mac FROM clients WHERE client_id = $1", connection);
                command.Parameters.Add(Value(clientId));
                return (byte[]?)await command.ExecuteScalarAsync(token);
            },
            cancellation);
    }

    public async ValueTask SetClientAsync(string clientId, byte[] secretMac, CancellationToken cancellation) => await AgainAsync(
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                "INSERT INTO clients VALUES ($1, $2) ON CONFLICT (client_id) DO UPDATE SET secret_mac = excluded.secret_mac", connection);
            command.Parameters.Add(Value(clientId));
            command.Parameters.Add(Value(secretMac));
            return await command.ExecuteNonQueryAsync(token);
        },
        cancellation);

    public ValueTask<bool> IsRevokedAsync(Mac token, CancellationToken cancellation) => revoked.ContainsAsync(token, cancellation);

    // To revoke twice is to revoke once, so an uncertain revocation is asked for again.
    public async ValueTask RevokeAsync(Mac token, long expires, long now, CancellationToken cancellation) => await AgainAsync(
        async (connection, attempt) =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add("DELETE FROM revoked WHERE expires < $1", Value(now));
            batch.Add(
                """
                INSERT INTO revoked AS r VALUES ($1, $2)
                ON CONFLICT (token_mac) DO UPDATE SET expires = greatest(r.expires, excluded.expires)
                """,
                Value(token.ToArray()), Value(expires));
            return await batch.ExecuteNonQueryAsync(attempt);
        },
        cancellation);

    public void Dispose() => database.Dispose();

    private Task<HashSet<Mac>> FindRevokedAsync(IReadOnlyCollection<Mac> tokens) => AgainAsync(
        async (connection, attempt) =>
        {
            await using var command = new NpgsqlCommand("SELECT token_mac FROM revoked WHERE token_mac = ANY ($1)", connection);
            command.Parameters.Add(Bytes(tokens.Select(token => token.ToArray())));
            await using var reader = await command.ExecuteReaderAsync(attempt);
            var found = new HashSet<Mac>();
            while (await reader.ReadAsync(attempt))
                found.Add(new Mac(reader.GetFieldValue<byte[]>(0)));
            return found;
        },
        CancellationToken.None).AsTask();

    private async ValueTask<T> AgainAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await database.AgainAsync(
                async token =>
                {
                    await using var connection = await database.OpenAsync(token);
                    return await work(connection, token);
                },
                cancellation);
        }
        catch (PostgresException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }
}
