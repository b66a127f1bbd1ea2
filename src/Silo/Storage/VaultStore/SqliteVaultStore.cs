using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>The vault's rows in a SQLite file of their own (vault.db).</summary>
public sealed class SqliteVaultStore : DatabaseVaultStore, IDisposable
{
    private const int UniqueViolation = 2067;
    private const int PrimaryKeyViolation = 1555;

    private static readonly VaultQueries Queries = new();

    private readonly PooledDbContextFactory<VaultDbContext> contexts;
    private readonly SemaphoreSlim writing = new(1);

    private SqliteVaultStore(PooledDbContextFactory<VaultDbContext> contexts) : base(Queries) => this.contexts = contexts;

    /// <summary>Opens the file; makes it, private and without a row, where it is not there.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be opened.</exception>
    public static async Task<SqliteVaultStore> OpenAsync(string path, CancellationToken cancellation)
    {
        MakePrivate(path);
        var connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        var options = new DbContextOptionsBuilder<VaultDbContext>()
            .UseSqlite(connection)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .AddInterceptors(new SqliteVaultPragmas())
            .Options;
        var store = new SqliteVaultStore(new PooledDbContextFactory<VaultDbContext>(options));
        await store.ReadAsync(vault => vault.Database.EnsureCreatedAsync(cancellation), cancellation);
        await store.ReadAsync(vault => vault.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellation), cancellation);
        return store;
    }

    public override async ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            // From here on to the end: a commit that is cut off would be an uncertain one.
            return await ReadAsync(vault => CommitAsync(vault, commit), CancellationToken.None);
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose() => writing.Dispose();

    /// <summary>SQLite gives its journal the mode of the file.</summary>
    private static void MakePrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            new FileStream(path, options).Dispose();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException("The vault's database cannot be opened.", fault);
        }
    }

    private static async Task<bool> CommitAsync(VaultDbContext vault, VaultCommit commit)
    {
        await using var transaction = await vault.Database.BeginTransactionAsync();
        foreach (var required in commit.Required)
            if (await Queries.Find(vault, required.Kind, required.Id) is not { } row || row.Version != required.Version)
                return false;
        vault.Keys.AddRange(commit.Inserts.Select(VaultEntity.From));
        vault.Keys.RemoveRange(commit.Deletes.Select(VaultEntity.From));
        foreach (var update in commit.Updates)
            vault.Keys.Update(VaultEntity.From(update)).Property(row => row.Version).OriginalValue = update.Version - 1;
        try
        {
            await vault.SaveChangesAsync();
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
        catch (DbUpdateException fault) when (fault.InnerException is SqliteException { SqliteExtendedErrorCode: UniqueViolation or PrimaryKeyViolation })
        {
            return false;
        }
        await transaction.CommitAsync();
        return true;
    }

    private protected override async ValueTask<T> ReadAsync<T>(Func<VaultDbContext, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using var vault = await contexts.CreateDbContextAsync(cancellation);
            return await read(vault);
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException)
        {
            throw new StorageUnavailableException("The vault's database does not answer.", fault);
        }
    }
}
