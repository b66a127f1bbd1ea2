using System.Collections.Concurrent;
using System.Data;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>
/// The catalog in a SQLite file. Writes go through one <see cref="Committer"/>; reads have connections of their own and,
/// by the write-ahead log, wait for nobody. Lists are read in pages, so that a slow consumer holds no snapshot open.
/// </summary>
public sealed class SqliteCatalog : ICatalog, IAsyncDisposable
{
    private const int PageSize = 128;
    private const int MostIdleReaders = 16;

    private static readonly Func<CatalogDbContext, StudyHandle, Task<StudyRow?>> StudyByHandle = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, StudyHandle study) => catalog.Studies.SingleOrDefault(row => row.Study == study));

    private static readonly Func<CatalogDbContext, Mac, Task<StudyRow?>> StudyByUid = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, Mac uid) => catalog.Studies.SingleOrDefault(row => row.StudyUid == uid));

    private static readonly Func<CatalogDbContext, Mac, IAsyncEnumerable<StudyHandle>> StudiesByInstance = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, Mac uid) =>
            catalog.Instances.Where(row => row.SopInstanceUid == uid).Select(row => row.Study));

    private static readonly Func<CatalogDbContext, StudyHandle, long, IAsyncEnumerable<InstanceRow>> InstancesAfter = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, StudyHandle study, long after) =>
            catalog.Instances.Where(row => row.Study == study && row.Ordinal > after).OrderBy(row => row.Ordinal).Take(PageSize));

    private static readonly Func<CatalogDbContext, long, IAsyncEnumerable<StudyRow>> StudiesAfter = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, long after) =>
            catalog.Studies.Where(row => row.Change > after).OrderBy(row => row.Change).Take(PageSize));

    // Contexts whose connections stay open: opening one anew costs more than the queries here.
    private readonly ConcurrentBag<CatalogDbContext> readers = [];
    private readonly DbContextOptions<CatalogDbContext> readerOptions;
    private readonly Committer committer;

    /// <param name="file">Path of the database; made where it is missing, its folder too.</param>
    /// <exception cref="StorageUnavailableException">The file cannot be opened for now.</exception>
    /// <exception cref="InvalidDataException">It is no catalog, or a newer program's.</exception>
    public SqliteCatalog(string file)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5, Pooling = false }.ToString();
        readerOptions = new DbContextOptionsBuilder<CatalogDbContext>()
            .UseSqlite(connection)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options;
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            Durable.CreateFolder(folder);
            committer = new Committer(connection);
            Durable.FlushFolder(folder);
        }
        catch (Exception e) when (StorageFaults.MayPass(e) || (e is SqliteException sqlite && StorageFaults.MayPass(sqlite)))
        {
            throw StorageFaults.Unavailable(e);
        }
        catch (SqliteException e)
        {
            throw new InvalidDataException("The catalog's file cannot be read as one: it is damaged or another program's.", e);
        }
    }

    public ValueTask<StudyRow?> FindStudyAsync(Mac studyUid, CancellationToken cancellation) =>
        ReadAsync(catalog => StudyByUid(catalog, studyUid), cancellation);

    public ValueTask<StudyRow?> GetStudyAsync(StudyHandle study, CancellationToken cancellation) =>
        ReadAsync(catalog => StudyByHandle(catalog, study), cancellation);

    public async ValueTask<StudyRow> AddStudyAsync(Mac studyUid, StudyHandle proposed, CancellationToken cancellation) =>
        await FindStudyAsync(studyUid, cancellation).ConfigureAwait(false)
        ?? await committer.RunAsync(writer => writer.AddStudy(studyUid, proposed), cancellation).ConfigureAwait(false);

    public ValueTask<long?> ClaimAsync(StudyHandle study, long expected, CancellationToken cancellation) =>
        committer.RunAsync(writer => writer.Claim(study, expected), cancellation);

    public async ValueTask CommitAsync(StudyCommit commit, CancellationToken cancellation)
    {
        if (commit.Instances.Any(row => row.Study != commit.Study))
            throw new ArgumentException("An instance row is of another study.", nameof(commit));
        await committer.RunAsync(writer => writer.Change(commit), cancellation).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<InstanceRow>> FindInstancesAsync(
        StudyHandle study, IReadOnlyList<Mac> sopInstanceUids, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<InstanceRow>>(
            async catalog =>
            {
                var found = new List<InstanceRow>();
                foreach (var uids in sopInstanceUids.Distinct().Chunk(PageSize))
                {
                    found.AddRange(await catalog.Instances
                        .Where(row => row.Study == study && uids.Contains(row.SopInstanceUid))
                        .ToListAsync(cancellation).ConfigureAwait(false));
                }

                return found;
            },
            cancellation);

    public ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(Mac sopInstanceUid, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<StudyHandle>>(
            async catalog => await StudiesByInstance(catalog, sopInstanceUid).ToListAsync(cancellation).ConfigureAwait(false),
            cancellation);

    public IAsyncEnumerable<InstanceRow> ListInstancesAsync(StudyHandle study, CancellationToken cancellation) =>
        PagesAsync((catalog, after) => InstancesAfter(catalog, study, after), row => row.Ordinal, 0, cancellation);

    // A study that changes between two pages moves to the end and is met there: nothing after the start is missed.
    public IAsyncEnumerable<StudyRow> ChangesAsync(long after, CancellationToken cancellation) =>
        PagesAsync(StudiesAfter, row => row.Change, after, cancellation);

    public async IAsyncEnumerable<StudyRow> ListStudiesAsync(
        StudyHandle? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<StudyRow> page;
        var from = after is { } given ? CatalogDbContext.Stored(given) : [];
        do
        {
            var above = from;
            page = await ReadAsync(
                catalog => catalog.Studies
                    .FromSql($"SELECT * FROM studies WHERE study > {above} ORDER BY study LIMIT {PageSize}").ToListAsync(cancellation),
                cancellation).ConfigureAwait(false);
            foreach (var row in page)
                yield return row;
            if (page.Count > 0)
                from = CatalogDbContext.Stored(page[^1].Study);
        }
        while (page.Count == PageSize);
    }

    public ValueTask<long> LatestChangeAsync(CancellationToken cancellation) =>
        ReadAsync(
            catalog => catalog.Database.SqlQuery<long>($"SELECT number AS Value FROM latest_change").SingleAsync(cancellation),
            cancellation);

    public async IAsyncEnumerable<StudyRow> DueAsync(DateOnly day, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var due = await ReadAsync(
            catalog => catalog.Studies
                .Where(row => row.State == StudyState.Destroying || (row.State == StudyState.Active && row.DueDay <= day))
                .Select(row => row.Study)
                .ToListAsync(cancellation),
            cancellation).ConfigureAwait(false);
        foreach (var study in due)
        {
            var row = await GetStudyAsync(study, cancellation).ConfigureAwait(false);
            if (row is { State: StudyState.Destroying } || (row is { State: StudyState.Active } && row.DueDay <= day))
                yield return row;
        }
    }

    /// <summary>Finishes the commits that wait and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await committer.DisposeAsync().ConfigureAwait(false);
        while (readers.TryTake(out var reader))
            await reader.DisposeAsync().ConfigureAwait(false);
    }

    private async IAsyncEnumerable<T> PagesAsync<T>(
        Func<CatalogDbContext, long, IAsyncEnumerable<T>> pageAfter,
        Func<T, long> position,
        long after,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<T> page;
        do
        {
            var from = after;
            page = await ReadAsync(catalog => pageAfter(catalog, from).ToListAsync(cancellation).AsTask(), cancellation).ConfigureAwait(false);
            foreach (var row in page)
                yield return row;
            if (page.Count > 0)
                after = position(page[^1]);
        }
        while (page.Count == PageSize);
    }

    private async ValueTask<T> ReadAsync<T>(Func<CatalogDbContext, Task<T>> read, CancellationToken cancellation)
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
