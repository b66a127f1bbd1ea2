using System.Collections.Concurrent;
using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>The catalog in a SQLite file: write-ahead log, each commit flushed to the medium.</summary>
public sealed class SqliteCatalog : DatabaseCatalog
{
    private const int MostIdleReaders = 16;

    private static readonly CatalogQueries Queries = new();

    // Contexts whose connections stay open: opening one anew costs more than the queries here.
    private readonly ConcurrentBag<CatalogDbContext> readers = [];
    private readonly DbContextOptions<CatalogDbContext> readerOptions;

    /// <param name="file">Path of the database; made where it is missing, its folder too.</param>
    /// <exception cref="StorageUnavailableException">The file cannot be opened for now.</exception>
    /// <exception cref="InvalidDataException">It is no catalog, or a newer program's.</exception>
    public SqliteCatalog(string file) : this(file, ConnectionString(file))
    {
    }

    private SqliteCatalog(string file, string connection) : base(Queries, Opening(file, connection), onCallersThread: true) =>
        readerOptions = new DbContextOptionsBuilder<CatalogDbContext>()
            .UseSqlite(connection)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options;

    private protected override async ValueTask CloseAsync()
    {
        while (readers.TryTake(out var reader))
            await reader.DisposeAsync().ConfigureAwait(false);
    }

    private static string ConnectionString(string file) =>
        new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5, Pooling = false }.ToString();

    private static Func<ICatalogWriter> Opening(string file, string connection) => () =>
    {
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            Durable.CreateFolder(folder);
            var writer = new SqliteCatalogWriter(connection);
            Durable.FlushFolder(folder);
            return writer;
        }
        catch (Exception e) when (StorageFaults.MayPass(e) || (e is SqliteException sqlite && StorageFaults.MayPass(sqlite)))
        {
            throw StorageFaults.Unavailable(e);
        }
        catch (SqliteException e)
        {
            throw new InvalidDataException("The catalog's file cannot be read as one: it is damaged or another program's.", e);
        }
    };

    private protected override async ValueTask<T> ReadAsync<T>(Func<CatalogDbContext, Task<T>> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!readers.TryTake(out var reader))
            reader = new CatalogDbContext(readerOptions);
        try
        {
            if (reader.Database.GetDbConnection().State != ConnectionState.Open)
                await reader.Database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            var result = await read(reader).ConfigureAwait(false);
            if (readers.Count < MostIdleReaders)
                readers.Add(reader);
            else
                await reader.DisposeAsync().ConfigureAwait(false);
            return result;
        }
        catch (Exception e)
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            if (e is SqliteException fault && StorageFaults.MayPass(fault))
                throw StorageFaults.Unavailable(e);
            throw;
        }
    }
}
