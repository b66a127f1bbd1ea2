using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>The catalog in a PostgreSQL database's schema <c>catalog</c>, which any number of silos share.</summary>
public sealed class PostgresCatalog : DatabaseCatalog
{
    private const int Connections = 12;

    private static readonly CatalogQueries Queries = new();

    private readonly PostgresDatabase database;
    private readonly PooledDbContextFactory<CatalogDbContext> readers;

    /// <param name="connectionString">Npgsql's, to a server of version 14 or newer; its times hold where it gives any.</param>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    /// <exception cref="InvalidDataException">The server refuses this user or database, or the schema is a newer program's.</exception>
    public PostgresCatalog(string connectionString)
        : this(new PostgresDatabase(connectionString, PostgresSchemas.Catalog, Connections))
    {
    }

    internal PostgresCatalog(PostgresDatabase database) : base(Queries, Opening(database), onCallersThread: false)
    {
        this.database = database;
        readers = new PooledDbContextFactory<CatalogDbContext>(new DbContextOptionsBuilder<CatalogDbContext>()
            .UseNpgsql(database.ConnectionString)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);
    }

    private protected override async ValueTask<T> ReadAsync<T>(Func<CatalogDbContext, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            return await database.AgainAsync(
                async token =>
                {
                    await using var catalog = await readers.CreateDbContextAsync(token).ConfigureAwait(false);
                    return await read(catalog).ConfigureAwait(false);
                },
                cancellation).ConfigureAwait(false);
        }
        catch (PostgresException fault)
        {
            throw StorageFaults.Unavailable(fault);
        }
    }

    private protected override ValueTask CloseAsync()
    {
        database.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Func<ICatalogWriter> Opening(PostgresDatabase database)
    {
        database.Migrate();
        return () => new PostgresCatalogWriter(database);
    }
}
