using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage.VaultStore;
using static SecureStore.Silo.Storage.PostgreSql.PostgresBatch;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>The vault's rows in a PostgreSQL database's schema <c>vault</c>, which any number of silos share.</summary>
/// <remarks>
/// A commit locks the rows of its conditions before it looks at them, and holds the locks until it is durable: what it
/// required stays so, as if no other commit ran beside it.
/// </remarks>
public sealed class PostgresVaultStore : DatabaseVaultStore, IDisposable
{
    private const int Connections = 6;

    private static readonly VaultQueries Queries = new();

    private readonly PostgresDatabase database;
    private readonly PooledDbContextFactory<VaultDbContext> readers;

    private PostgresVaultStore(PostgresDatabase database) : base(Queries)
    {
        this.database = database;
        readers = new PooledDbContextFactory<VaultDbContext>(new DbContextOptionsBuilder<VaultDbContext>()
            .UseNpgsql(database.ConnectionString)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);
    }

    /// <summary>Opens the schema; makes it, without a row, where it is not there.</summary>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    /// <exception cref="InvalidDataException">The server refuses this user or database, or the schema is a newer program's.</exception>
    public static Task<PostgresVaultStore> OpenAsync(string connectionString, CancellationToken cancellation) =>
        OpenAsync(new PostgresDatabase(connectionString, PostgresSchemas.Vault, Connections), cancellation);

    internal static async Task<PostgresVaultStore> OpenAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        await Task.Run(database.Migrate, cancellation);
        return new PostgresVaultStore(database);
    }

    public override async ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.AgainAsync(database.OpenAsync, cancellation);

            // From here on to the end: a commit that is cut off would be an uncertain one.
            return await database.OnceAsync(_ => CommitAsync(connection, commit), CancellationToken.None);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
        catch (PostgresException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    public void Dispose() => database.Dispose();

    private protected override async ValueTask<T> ReadAsync<T>(Func<VaultDbContext, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            return await database.AgainAsync(
                async token =>
                {
                    await using var vault = await readers.CreateDbContextAsync(token);
                    return await read(vault);
                },
                cancellation);
        }
        catch (PostgresException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    private static async ValueTask<bool> CommitAsync(NpgsqlConnection connection, VaultCommit commit)
    {
        if (!await LockAsync(connection, commit.Required, [.. commit.Updates.Select(row => row with { Version = row.Version - 1 }), .. commit.Deletes]))
        {
            await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
            await rollback.ExecuteNonQueryAsync();
            return false;
        }

        await using var batch = new NpgsqlBatch(connection);
        if (commit.Deletes.Count > 0)
            batch.Add("DELETE FROM keys USING unnest($1, $2) AS old (kind, id) WHERE keys.kind = old.kind AND keys.id = old.id", [.. Names(commit.Deletes)]);
        if (commit.Updates.Count > 0)
        {
            batch.Add(
                """
                UPDATE keys SET version = new.version, key_id = new.key_id, parent = new.parent, look_up = new.look_up,
                    wrapped_key = new.wrapped_key, sealed = new.sealed
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS new (kind, id, version, key_id, parent, look_up, wrapped_key, sealed)
                WHERE keys.kind = new.kind AND keys.id = new.id
                """,
                Columns(commit.Updates));
        }

        if (commit.Inserts.Count > 0)
            batch.Add("INSERT INTO keys SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)", Columns(commit.Inserts));
        batch.Add("COMMIT");
        await batch.ExecuteNonQueryAsync();
        return true;
    }

    /// <summary>Begins the transaction and tells whether each row is there at its version; all of them are locked then.</summary>
    private static async ValueTask<bool> LockAsync(NpgsqlConnection connection, IReadOnlyList<VaultRow> required, IReadOnlyList<VaultRow> changed)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN");

        // One order for all, parents before children, so that two commits do not wait for one another.
        foreach (var kind in Enum.GetValues<VaultRowKind>())
        {
            if (required.Where(row => row.Kind == kind).ToList() is { Count: > 0 } kept)
                batch.Add(Lock("SHARE"), [.. Names(kept)]);
            if (changed.Where(row => row.Kind == kind).ToList() is { Count: > 0 } locked)
                batch.Add(Lock("UPDATE"), [.. Names(locked)]);
        }

        var versions = new Dictionary<(VaultRowKind Kind, Guid Id), long>();
        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            while (await reader.ReadAsync())
                versions[((VaultRowKind)reader.GetInt32(0), new Guid(reader.GetFieldValue<byte[]>(1)))] = reader.GetInt64(2);
        }
        while (await reader.NextResultAsync());
        return required.Concat(changed).All(row => versions.TryGetValue((row.Kind, row.Id), out var version) && version == row.Version);
    }

    private static string Lock(string strength) =>
        $"""
        SELECT kind, id, version FROM keys WHERE (kind, id) IN (SELECT * FROM unnest($1, $2)) ORDER BY kind, id FOR {strength}
        """;

    private static IEnumerable<NpgsqlParameter> Names(IReadOnlyList<VaultRow> rows)
    {
        yield return Integers(rows.Select(row => (int)row.Kind));
        yield return Bytes(rows.Select(row => Stored(row.Id)));
    }

    private static NpgsqlParameter[] Columns(IReadOnlyList<VaultRow> rows) =>
    [
        .. Names(rows),
        Longs(rows.Select(row => row.Version)),
        Bytes(rows.Select(row => Stored(row.KeyId))),
        Bytes(rows.Select(row => Stored(row.Parent))),
        Bytes(rows.Select(row => row.LookUp?.ToArray())),
        Bytes(rows.Select(row => row.WrappedKey)),
        Bytes(rows.Select(row => row.Sealed)),
    ];

    /// <summary>As the contexts' converter writes it, so that both find the row.</summary>
    private static byte[] Stored(Guid id) => id.ToByteArray();
}
