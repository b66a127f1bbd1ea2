using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using static SecureStore.Silo.Storage.PostgreSql.PostgresBatch;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>The audit log in a PostgreSQL database's schema <c>audit</c>, which any number of silos share.</summary>
public sealed class PostgresAuditStore : DatabaseAuditStore, IDisposable
{
    private const int Connections = 3;

    // One statement is one transaction: the head's row lock lets one appender pass, and the rest find another head.
    private const string Found =
        """
        WITH moved AS (INSERT INTO head VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING RETURNING id),
        """;

    private const string Move =
        """
        WITH moved AS (UPDATE head SET size = $1, frontier = $2, mac = $3 WHERE id = 1 AND size = $8 AND mac = $9 RETURNING id),
        """;

    private const string AddEntries =
        """
        added AS (INSERT INTO entries (number, event_id, mac, sealed)
            SELECT new.* FROM moved, unnest($4, $5, $6, $7) AS new (number, event_id, mac, sealed))
        SELECT EXISTS (SELECT 1 FROM moved)
        """;

    private readonly PostgresDatabase database;
    private readonly PooledDbContextFactory<AuditDbContext> readers;

    /// <inheritdoc cref="PostgresCatalog(string)"/>
    public PostgresAuditStore(string connectionString)
        : this(new PostgresDatabase(connectionString, PostgresSchemas.Audit, Connections))
    {
    }

    internal PostgresAuditStore(PostgresDatabase database)
    {
        this.database = database;
        database.Migrate();
        readers = new PooledDbContextFactory<AuditDbContext>(new DbContextOptionsBuilder<AuditDbContext>()
            .UseNpgsql(database.ConnectionString)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);
    }

    public override async ValueTask<bool> AppendAsync(
        AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows, CancellationToken cancellation)
    {
        try
        {
            return await database.OnceAsync(token => MoveAsync(expected, next, rows, token), cancellation);
        }
        catch (PostgresException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    public void Dispose() => database.Dispose();

    private protected override async ValueTask<T> ReadAsync<T>(Func<AuditDbContext, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            return await database.AgainAsync(
                async token =>
                {
                    await using var audit = await readers.CreateDbContextAsync(token);
                    return await read(audit);
                },
                cancellation);
        }
        catch (PostgresException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    private async ValueTask<bool> MoveAsync(AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand((expected is null ? Found : Move) + AddEntries, connection)
        {
            Parameters =
            {
                Value(next.Size),
                Value(next.Frontier),
                Value(next.Mac),
                Longs(rows.Select(row => row.Index)),
                Bytes(rows.Select(row => row.EventId.ToByteArray(bigEndian: true))),
                Bytes(rows.Select(row => row.Mac)),
                Bytes(rows.Select(row => row.Sealed)),
            },
        };
        if (expected is not null)
        {
            command.Parameters.Add(Value(expected.Size));
            command.Parameters.Add(Value(expected.Mac));
        }

        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
