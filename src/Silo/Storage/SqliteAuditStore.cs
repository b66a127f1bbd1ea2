using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>The audit log in a SQLite file: write-ahead log, each commit flushed to the medium.</summary>
public sealed class SqliteAuditStore : DatabaseAuditStore, IDisposable
{
    private readonly string connectionString;
    private readonly DbContextOptions<AuditDbContext> options;
    private readonly Lock gate = new();

    /// <summary>Null after a fault, until something is written again.</summary>
    private SqliteAuditWriter? writer;
    private bool isDisposed;

    /// <param name="file">Path of the database; made where it is missing, its folder too.</param>
    /// <exception cref="StorageUnavailableException">The file cannot be opened for now.</exception>
    /// <exception cref="InvalidDataException">It is no audit log, or a newer program's.</exception>
    public SqliteAuditStore(string file)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5 };
        options = new DbContextOptionsBuilder<AuditDbContext>()
            .UseSqlite(settings.ToString())
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options;
        settings.Pooling = false;
        connectionString = settings.ToString();
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            Durable.CreateFolder(folder);
            writer = new SqliteAuditWriter(connectionString);
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
        new(Write(writer => writer.Append(expected, next, rows), cancellation));

    public override ValueTask<IReadOnlyDictionary<Guid, long>> FindAsync(IReadOnlyCollection<Guid> eventIds, CancellationToken cancellation) =>
        new(Write(writer => writer.Find(eventIds), cancellation));

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            writer?.Dispose();
            writer = null;
        }
    }

    private protected override async ValueTask<T> ReadAsync<T>(Func<AuditDbContext, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using var database = new AuditDbContext(options);
            return await read(database);
        }
        catch (SqliteException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    /// <summary>On the caller's thread: it takes less time than to be woken on another.</summary>
    private T Write<T>(Func<SqliteAuditWriter, T> write, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            try
            {
                return write(writer ??= new SqliteAuditWriter(connectionString));
            }
            catch (Exception fault)
            {
                // What was begun goes with the connection, whatever broke it off: nobody may find it there.
                var broken = writer;
                writer = null;
                broken?.Dispose();
                throw fault is SqliteException ? StorageFaults.Unavailable(fault) : fault;
            }
        }
    }
}
