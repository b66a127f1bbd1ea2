using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using static SecureStore.Silo.Storage.AuditDbContext;

namespace SecureStore.Silo.Storage;

/// <summary>The audit log in a SQLite file: write-ahead log, each commit flushed to the medium.</summary>
public sealed class SqliteAuditStore : DatabaseAuditStore
{
    private readonly DbContextOptions<AuditDbContext> options;

    /// <param name="file">Path of the database; made where it is missing, its folder too.</param>
    /// <exception cref="StorageUnavailableException">The file cannot be opened for now.</exception>
    /// <exception cref="InvalidDataException">It is no audit log, or a newer program's.</exception>
    public SqliteAuditStore(string file)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5 }.ToString();
        options = new DbContextOptionsBuilder<AuditDbContext>()
            .UseSqlite(connectionString)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .AddInterceptors(new FlushedCommits())
            .Options;
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            Durable.CreateFolder(folder);
            using (var connection = new SqliteConnection(connectionString))
            {
                connection.Open();
                AuditSchema.Apply(connection);
            }

            Durable.FlushFolder(folder);
        }
        catch (SqliteException fault)
        {
            throw StorageFaults.MayPass(fault) ? StorageFaults.Unavailable(fault) : new InvalidDataException("The audit log under Data:Path is no database.", fault);
        }
        catch (Exception fault) when (StorageFaults.MayPass(fault) && fault is not InvalidDataException)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    public override ValueTask<bool> AppendAsync(AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows, CancellationToken cancellation) =>
        ReadAsync(
            async database =>
            {
                await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
                if (!await MoveAsync(database, expected, next, cancellation))
                    return false;
                database.Entries.AddRange(rows);
                await database.SaveChangesAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                return true;
            },
            cancellation);

    private static async Task<bool> MoveAsync(AuditDbContext database, AuditHead? expected, AuditHead next, CancellationToken cancellation)
    {
        if (expected is null)
        {
            if (await database.Heads.AnyAsync(cancellation))
                return false;
            database.Heads.Add(new StoredHead(StoredHead.OnlyId, next.Size, next.Frontier, next.Mac));
            return true;
        }

        return await database.Heads
            .Where(head => head.Size == expected.Size && head.Mac == expected.Mac)
            .ExecuteUpdateAsync(
                head => head.SetProperty(row => row.Size, next.Size).SetProperty(row => row.Frontier, next.Frontier).SetProperty(row => row.Mac, next.Mac),
                cancellation) == 1;
    }

    private protected override async ValueTask<T> ReadAsync<T>(Func<AuditDbContext, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using var database = new AuditDbContext(options);
            return await read(database);
        }
        catch (Exception fault) when (fault is SqliteException or DbUpdateException)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    /// <summary>A commit is on the medium when it returns; SQLite asks for it connection by connection.</summary>
    private sealed class FlushedCommits : DbConnectionInterceptor
    {
        public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = FULL";
            command.ExecuteNonQuery();
        }

        public override Task ConnectionOpenedAsync(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionOpened(connection, eventData);
            return Task.CompletedTask;
        }
    }
}
