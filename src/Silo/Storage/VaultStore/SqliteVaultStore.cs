using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>The vault's rows in a SQLite file of their own (vault.db).</summary>
public sealed class SqliteVaultStore : IVaultStore, IDisposable
{
    private const int UniqueViolation = 2067;
    private const int PrimaryKeyViolation = 1555;

    private static readonly Func<VaultDbContext, VaultRowKind, Guid, Task<VaultEntity?>> Find = EF.CompileAsyncQuery(
        (VaultDbContext vault, VaultRowKind kind, Guid id) => vault.Keys.FirstOrDefault(row => row.Kind == kind && row.Id == id));

    private static readonly Func<VaultDbContext, Guid, Task<PatientEntities?>> FindPatient = EF.CompileAsyncQuery(
        (VaultDbContext vault, Guid id) => Patients(vault).FirstOrDefault(chain => chain.Patient.Id == id));

    private static readonly Func<VaultDbContext, byte[], Task<PatientEntities?>> FindIdentity = EF.CompileAsyncQuery(
        (VaultDbContext vault, byte[] identity) => Patients(vault).FirstOrDefault(chain => chain.Patient.LookUp == identity));

    private static readonly Func<VaultDbContext, Guid, Task<StudyEntities?>> FindStudy = EF.CompileAsyncQuery(
        (VaultDbContext vault, Guid id) => Studies(vault).FirstOrDefault(chain => chain.Study.Id == id));

    private readonly PooledDbContextFactory<VaultDbContext> contexts;
    private readonly SemaphoreSlim writing = new(1);

    private SqliteVaultStore(PooledDbContextFactory<VaultDbContext> contexts) => this.contexts = contexts;

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

    public async ValueTask<VaultRow?> FindAsync(VaultRowKind kind, Guid id, CancellationToken cancellation) =>
        (await ReadAsync(vault => Find(vault, kind, id), cancellation))?.ToRow();

    public async ValueTask<PatientKeyChain?> FindPatientAsync(Guid patient, CancellationToken cancellation) =>
        (await ReadAsync(vault => FindPatient(vault, patient), cancellation))?.ToChain();

    public async ValueTask<PatientKeyChain?> FindPatientAsync(Mac identity, CancellationToken cancellation) =>
        (await ReadAsync(vault => FindIdentity(vault, identity.ToArray()), cancellation))?.ToChain();

    public async ValueTask<StudyKeyChain?> FindStudyAsync(Guid study, CancellationToken cancellation) =>
        (await ReadAsync(vault => FindStudy(vault, study), cancellation))?.ToChain();

    public async ValueTask<IReadOnlyList<StudyKeyChain>> FindStudiesAsync(IReadOnlyList<Guid> studies, CancellationToken cancellation)
    {
        var chains = await ReadAsync(
            vault => Studies(vault).Where(chain => studies.Contains(chain.Study.Id)).ToListAsync(cancellation), cancellation);
        return chains.ConvertAll(chain => chain.ToChain());
    }

    public async IAsyncEnumerable<VaultRow> ListAsync(VaultRowKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const int slice = 1000;
        var after = Guid.Empty;
        while (true)
        {
            var rows = await ReadAsync(vault => NextOf(vault, kind, after, slice).ToListAsync(cancellation), cancellation);
            foreach (var row in rows)
                yield return row.ToRow();
            if (rows.Count < slice)
                yield break;
            after = rows[^1].Id;
        }
    }

    public async ValueTask<IReadOnlyList<VaultRow>> ListChildrenAsync(VaultRowKind kind, Guid parent, CancellationToken cancellation)
    {
        var rows = await ReadAsync(
            vault => vault.Keys.Where(row => row.Parent == parent && row.Kind == kind).ToListAsync(cancellation), cancellation);
        return rows.ConvertAll(row => row.ToRow());
    }

    public async ValueTask<(Guid Page, int Patients)?> FindPageWithRoomAsync(int limit, CancellationToken cancellation)
    {
        var found = await ReadAsync(
            vault => vault.Keys.Where(page => page.Kind == VaultRowKind.Page)
                .Select(page => new { page.Id, Patients = vault.Keys.Count(row => row.Parent == page.Id && row.Kind == VaultRowKind.Patient) })
                .FirstOrDefaultAsync(page => page.Patients < limit, cancellation),
            cancellation);
        return found is null ? null : (found.Id, found.Patients);
    }

    public async ValueTask<bool> IsEmptyAsync(CancellationToken cancellation) =>
        !await ReadAsync(vault => vault.Keys.AnyAsync(cancellation), cancellation);

    public async ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation)
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
            if (await Find(vault, required.Kind, required.Id) is not { } row || row.Version != required.Version)
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

    private static IQueryable<PatientEntities> Patients(VaultDbContext vault) =>
        from patient in vault.Keys
        where patient.Kind == VaultRowKind.Patient
        join page in vault.Keys on new { Kind = VaultRowKind.Page, Id = patient.Parent } equals new { page.Kind, page.Id }
        select new PatientEntities { Patient = patient, Page = page };

    private static IQueryable<StudyEntities> Studies(VaultDbContext vault) =>
        from study in vault.Keys
        where study.Kind == VaultRowKind.Study
        join patient in vault.Keys on new { Kind = VaultRowKind.Patient, Id = study.Parent } equals new { patient.Kind, patient.Id }
        join page in vault.Keys on new { Kind = VaultRowKind.Page, Id = patient.Parent } equals new { page.Kind, page.Id }
        select new StudyEntities { Study = study, Patient = patient, Page = page };

    private static IQueryable<VaultEntity> NextOf(VaultDbContext vault, VaultRowKind kind, Guid after, int count) =>
        vault.Keys.Where(row => row.Kind == kind && row.Id.CompareTo(after) > 0).OrderBy(row => row.Id).Take(count);

    private async ValueTask<T> ReadAsync<T>(Func<VaultDbContext, Task<T>> read, CancellationToken cancellation)
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

    private sealed class PatientEntities
    {
        public required VaultEntity Patient { get; init; }

        public required VaultEntity Page { get; init; }

        public PatientKeyChain ToChain() => new(Patient.ToRow(), Page.ToRow());
    }

    private sealed class StudyEntities
    {
        public required VaultEntity Study { get; init; }

        public required VaultEntity Patient { get; init; }

        public required VaultEntity Page { get; init; }

        public StudyKeyChain ToChain() => new(Study.ToRow(), Patient.ToRow(), Page.ToRow());
    }
}
