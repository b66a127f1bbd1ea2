using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>
/// What is common to the catalogs in a database. Writes go through one <see cref="Committer"/>; reads have connections of
/// their own and wait for nobody. Lists are read in pages, so that a slow consumer holds no snapshot open.
/// </summary>
public abstract class DatabaseCatalog : ICatalog, IAsyncDisposable
{
    private readonly CatalogQueries queries;
    private readonly Committer committer;

    /// <inheritdoc cref="Committer(Func{ICatalogWriter}, bool)"/>
    private protected DatabaseCatalog(CatalogQueries queries, Func<ICatalogWriter> open, bool onCallersThread)
    {
        this.queries = queries;
        committer = new Committer(open, onCallersThread);
    }

    public ValueTask<StudyRow?> FindStudyAsync(Mac studyUid, CancellationToken cancellation) =>
        ReadAsync(catalog => queries.StudyByUid(catalog, studyUid), cancellation);

    public ValueTask<StudyRow?> GetStudyAsync(StudyHandle study, CancellationToken cancellation) =>
        ReadAsync(catalog => queries.StudyByHandle(catalog, study), cancellation);

    public async ValueTask<StudyRow> AddStudyAsync(Mac studyUid, StudyHandle proposed, CancellationToken cancellation) =>
        await FindStudyAsync(studyUid, cancellation).ConfigureAwait(false)
        ?? await committer.RunAsync(new StudyAddition(studyUid, proposed), cancellation).ConfigureAwait(false);

    public ValueTask<long?> ClaimAsync(StudyHandle study, long expected, CancellationToken cancellation) =>
        committer.RunAsync(new StudyClaim(study, expected), cancellation);

    public async ValueTask CommitAsync(StudyCommit commit, CancellationToken cancellation)
    {
        if (commit.Instances.Any(row => row.Study != commit.Study))
            throw new ArgumentException("An instance row is of another study.", nameof(commit));
        await committer.RunAsync(new StudyChange(commit), cancellation).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<InstanceRow>> FindInstancesAsync(
        StudyHandle study, IReadOnlyList<Mac> sopInstanceUids, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<InstanceRow>>(
            async catalog =>
            {
                // One by one is how modalities send.
                if (sopInstanceUids is [var only])
                    return await queries.InstanceByUid(catalog, study, only).ToListAsync(cancellation).ConfigureAwait(false);

                var found = new List<InstanceRow>();
                foreach (var uids in sopInstanceUids.Distinct().Chunk(CatalogQueries.PageSize))
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
            async catalog => await queries.StudiesByInstance(catalog, sopInstanceUid).ToListAsync(cancellation).ConfigureAwait(false),
            cancellation);

    public IAsyncEnumerable<InstanceRow> ListInstancesAsync(StudyHandle study, CancellationToken cancellation) =>
        PagesAsync((catalog, after) => queries.InstancesAfter(catalog, study, after), row => row.Ordinal, 0, cancellation);

    // A study that changes between two pages moves to the end and is met there: nothing after the start is missed.
    public IAsyncEnumerable<StudyRow> ChangesAsync(long after, CancellationToken cancellation) =>
        PagesAsync(queries.StudiesAfter, row => row.Change, after, cancellation);

    public async IAsyncEnumerable<StudyRow> ListStudiesAsync(
        StudyHandle? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<StudyRow> page;
        var from = after is { } given ? CatalogDbContext.Stored(given) : [];
        do
        {
            var above = from;
            page = await ReadAsync(catalog => CatalogQueries.StudiesAbove(catalog, above).ToListAsync(cancellation), cancellation).ConfigureAwait(false);
            foreach (var row in page)
                yield return row;
            if (page.Count > 0)
                from = CatalogDbContext.Stored(page[^1].Study);
        }
        while (page.Count == CatalogQueries.PageSize);
    }

    public ValueTask<long> LatestChangeAsync(CancellationToken cancellation) =>
        ReadAsync(
            catalog => catalog.Database.SqlQuery<long>($"SELECT number AS \"Value\" FROM latest_change").SingleAsync(cancellation),
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

    /// <summary>Finishes the commits that wait and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await committer.DisposeAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads from a context of its own.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be read for now.</exception>
    private protected abstract ValueTask<T> ReadAsync<T>(Func<CatalogDbContext, Task<T>> read, CancellationToken cancellation);

    /// <summary>Closes what the readers hold.</summary>
    private protected abstract ValueTask CloseAsync();

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
        while (page.Count == CatalogQueries.PageSize);
    }
}
