using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>A catalog in memory whose commits a test may hold up, refuse, or leave uncertain.</summary>
internal sealed class HookedCatalog : ICatalog
{
    public InMemoryCatalog Inner { get; } = new();

    public Func<StudyCommit, Task>? BeforeCommit { get; set; }

    public Func<StudyCommit, Task>? AfterCommit { get; set; }

    public Func<Task>? BeforeClaim { get; set; }

    public ValueTask<StudyRow?> FindStudyAsync(Mac studyUid, CancellationToken cancellation) => Inner.FindStudyAsync(studyUid, cancellation);

    public ValueTask<StudyRow?> GetStudyAsync(StudyHandle study, CancellationToken cancellation) => Inner.GetStudyAsync(study, cancellation);

    public ValueTask<StudyRow> AddStudyAsync(Mac studyUid, StudyHandle proposed, CancellationToken cancellation) =>
        Inner.AddStudyAsync(studyUid, proposed, cancellation);

    public async ValueTask<long?> ClaimAsync(StudyHandle study, long expected, CancellationToken cancellation)
    {
        await (BeforeClaim?.Invoke() ?? Task.CompletedTask);
        return await Inner.ClaimAsync(study, expected, cancellation);
    }

    public async ValueTask CommitAsync(StudyCommit commit, CancellationToken cancellation)
    {
        await (BeforeCommit?.Invoke(commit) ?? Task.CompletedTask);
        await Inner.CommitAsync(commit, cancellation);
        await (AfterCommit?.Invoke(commit) ?? Task.CompletedTask);
    }

    public ValueTask<IReadOnlyList<InstanceRow>> FindInstancesAsync(
        StudyHandle study, IReadOnlyList<Mac> sopInstanceUids, CancellationToken cancellation) =>
        Inner.FindInstancesAsync(study, sopInstanceUids, cancellation);

    public ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(Mac sopInstanceUid, CancellationToken cancellation) =>
        Inner.FindStudiesOfInstanceAsync(sopInstanceUid, cancellation);

    public IAsyncEnumerable<InstanceRow> ListInstancesAsync(StudyHandle study, CancellationToken cancellation) =>
        Inner.ListInstancesAsync(study, cancellation);

    public IAsyncEnumerable<StudyRow> ChangesAsync(long after, CancellationToken cancellation) => Inner.ChangesAsync(after, cancellation);

    public IAsyncEnumerable<StudyRow> ListStudiesAsync(StudyHandle? after, CancellationToken cancellation) =>
        Inner.ListStudiesAsync(after, cancellation);

    public ValueTask<long> LatestChangeAsync(CancellationToken cancellation) => Inner.LatestChangeAsync(cancellation);

    public IAsyncEnumerable<StudyRow> DueAsync(DateOnly day, CancellationToken cancellation) => Inner.DueAsync(day, cancellation);
}
