using System.Runtime.CompilerServices;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Contracts.Fakes;

/// <summary>A catalog in memory: one lock makes each commit atomic, the owner epoch fences as in the contract.</summary>
public sealed class InMemoryCatalog : ICatalog
{
    private readonly Lock gate = new();
    private readonly Dictionary<StudyHandle, StudyRow> studies = [];
    private readonly Dictionary<Mac, StudyHandle> handles = [];
    private readonly Dictionary<StudyHandle, SortedDictionary<long, InstanceRow>> instances = [];
    private long latest;

    /// <summary>While set, every call fails with it, as when the database is away.</summary>
    public Exception? Fault { get; set; }

    public ValueTask<StudyRow?> FindStudyAsync(Mac studyUid, CancellationToken cancellation) =>
        Do(() => handles.TryGetValue(studyUid, out var study) ? studies[study] : null);

    public ValueTask<StudyRow?> GetStudyAsync(StudyHandle study, CancellationToken cancellation) =>
        Do(() => studies.GetValueOrDefault(study));

    public ValueTask<StudyRow> AddStudyAsync(Mac studyUid, StudyHandle proposed, CancellationToken cancellation) => Do(() =>
    {
        if (handles.TryAdd(studyUid, proposed))
            studies.Add(proposed, new StudyRow(proposed, studyUid, StudyState.Active, 0, null, 0, []));
        return studies[handles[studyUid]];
    });

    public ValueTask<long?> ClaimAsync(StudyHandle study, long expected, CancellationToken cancellation) => Do(() =>
    {
        if (!studies.TryGetValue(study, out var row) || row.OwnerEpoch != expected)
            return (long?)null;
        studies[study] = row with { OwnerEpoch = expected + 1 };
        return expected + 1;
    });

    public async ValueTask CommitAsync(StudyCommit commit, CancellationToken cancellation) => await Do(() =>
    {
        if (commit.Instances.Any(row => row.Study != commit.Study))
            throw new ArgumentException("An instance row is of another study.", nameof(commit));
        if (!studies.TryGetValue(commit.Study, out var study) || study.OwnerEpoch != commit.OwnerEpoch)
            throw new StudyFencedException(commit.Study);
        SortedDictionary<long, InstanceRow> rows = commit.RemoveInstances ? [] : new(Instances(commit.Study));
        var uids = rows.Values.Select(row => row.SopInstanceUid).ToHashSet();
        foreach (var row in commit.Instances)
        {
            if (!rows.TryAdd(row.Ordinal, row) || !uids.Add(row.SopInstanceUid))
                throw new InvalidOperationException("The study has this instance or ordinal already.");
        }

        instances[commit.Study] = rows;
        studies[commit.Study] = study with
        {
            State = commit.State, DueDay = commit.DueDay, SealedFacts = commit.SealedFacts, Change = ++latest,
        };
        return true;
    });

    public ValueTask<IReadOnlyList<InstanceRow>> FindInstancesAsync(
        StudyHandle study, IReadOnlyList<Mac> sopInstanceUids, CancellationToken cancellation) =>
        Do<IReadOnlyList<InstanceRow>>(() => [.. Instances(study).Values.Where(row => sopInstanceUids.Contains(row.SopInstanceUid))]);

    public ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(Mac sopInstanceUid, CancellationToken cancellation) =>
        Do<IReadOnlyList<StudyHandle>>(() =>
            [.. instances.Where(study => study.Value.Values.Any(row => row.SopInstanceUid == sopInstanceUid)).Select(study => study.Key)]);

    public IAsyncEnumerable<InstanceRow> ListInstancesAsync(StudyHandle study, CancellationToken cancellation) =>
        Each(() => Instances(study).Values, cancellation);

    public IAsyncEnumerable<StudyRow> ChangesAsync(long after, CancellationToken cancellation) =>
        Each(() => studies.Values.Where(row => row.Change > after).OrderBy(row => row.Change), cancellation);

    public IAsyncEnumerable<StudyRow> ListStudiesAsync(StudyHandle? after, CancellationToken cancellation) =>
        Each(
            () => studies.Values.Where(row => after is null || row.Study.Value.CompareTo(after.Value.Value) > 0).OrderBy(row => row.Study.Value),
            cancellation);

    /// <summary>What somebody with write access to the database does to a study's row: null as the result removes it.</summary>
    public void Tamper(StudyHandle study, Func<StudyRow, StudyRow?> change)
    {
        lock (gate)
        {
            if (change(studies[study]) is { } changed)
                studies[study] = changed;
            else if (studies.Remove(study, out var gone))
                handles.Remove(gone.StudyUid);
        }
    }

    /// <summary>The same for an instance's row.</summary>
    public void Tamper(StudyHandle study, long ordinal, Func<InstanceRow, InstanceRow?> change)
    {
        lock (gate)
        {
            var row = instances[study][ordinal];
            instances[study].Remove(ordinal);
            if (change(row) is { } changed)
                instances[study].Add(changed.Ordinal, changed);
        }
    }

    public ValueTask<long> LatestChangeAsync(CancellationToken cancellation) => Do(() => latest);

    public IAsyncEnumerable<StudyRow> DueAsync(DateOnly day, CancellationToken cancellation) =>
        Each(
            () => studies.Values.Where(row =>
                row.State == StudyState.Destroying || (row.State == StudyState.Active && row.DueDay <= day)),
            cancellation);

    private SortedDictionary<long, InstanceRow> Instances(StudyHandle study) => instances.GetValueOrDefault(study) ?? [];

    private ValueTask<T> Do<T>(Func<T> work)
    {
        lock (gate)
        {
            try
            {
                return Fault is { } fault ? ValueTask.FromException<T>(fault) : ValueTask.FromResult(work());
            }
            catch (Exception e)
            {
                return ValueTask.FromException<T>(e);
            }
        }
    }

    private async IAsyncEnumerable<T> Each<T>(Func<IEnumerable<T>> rows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var row in await Do(() => rows().ToList()))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return row;
        }
    }
}
