using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Storage;

/// <summary>
/// The catalog's rows. What they say is sealed; in the open stand only handles, MACs of UIDs, state, owner epoch, due
/// day and change number. Each change of a study takes a new change number, ascending over the whole catalog, so that a
/// reader who has seen number n sees by <see cref="ChangesAsync"/> everything after it.
/// </summary>
public interface ICatalog
{
    ValueTask<StudyRow?> FindStudyAsync(Mac studyUid, CancellationToken cancellation);

    ValueTask<StudyRow?> GetStudyAsync(StudyHandle study, CancellationToken cancellation);

    /// <summary>
    /// Reserves a handle for a Study Instance UID: an empty row (no facts, state Active, owner epoch 0). Where the UID has a row, that row comes back.
    /// </summary>
    ValueTask<StudyRow> AddStudyAsync(Mac studyUid, StudyHandle proposed, CancellationToken cancellation);

    /// <summary>Takes over a study: owner epoch <paramref name="expected"/> becomes the next one, or nothing happens.</summary>
    /// <returns>The new owner epoch, or null where another was faster.</returns>
    ValueTask<long?> ClaimAsync(StudyHandle study, long expected, CancellationToken cancellation);

    /// <summary>
    /// Commits durably, in one transaction with whatever else waits (group commit): all of the commit or nothing of it.
    /// A commit that is not by the present owner has no effect and no influence on the others of its group.
    /// </summary>
    /// <exception cref="StudyFencedException">The owner epoch is not the row's.</exception>
    /// <exception cref="StorageUnavailableException">Not committed, or uncertain.</exception>
    ValueTask CommitAsync(StudyCommit commit, CancellationToken cancellation);

    /// <summary>The rows of those of the SOP Instance UIDs that the study has.</summary>
    ValueTask<IReadOnlyList<InstanceRow>> FindInstancesAsync(StudyHandle study, IReadOnlyList<Mac> sopInstanceUids, CancellationToken cancellation);

    /// <summary>The studies that hold an instance with this SOP Instance UID: usually one.</summary>
    ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(Mac sopInstanceUid, CancellationToken cancellation);

    /// <summary>All instances of a study in the order of their commit.</summary>
    IAsyncEnumerable<InstanceRow> ListInstancesAsync(StudyHandle study, CancellationToken cancellation);

    /// <summary>Studies (tombstones too) whose change number is above <paramref name="after"/>, ascending by it.</summary>
    IAsyncEnumerable<StudyRow> ChangesAsync(long after, CancellationToken cancellation);

    /// <summary>
    /// All studies (tombstones and empty rows too) whose handle is above <paramref name="after"/> (null: from the first), ascending by it
    /// as its digits are written.
    /// </summary>
    IAsyncEnumerable<StudyRow> ListStudiesAsync(StudyHandle? after, CancellationToken cancellation);

    /// <summary>The highest change number that is committed; 0 for an empty catalog.</summary>
    ValueTask<long> LatestChangeAsync(CancellationToken cancellation);

    /// <summary>Studies not yet destroyed whose due day is on or before a day, and those whose destruction has begun.</summary>
    IAsyncEnumerable<StudyRow> DueAsync(DateOnly day, CancellationToken cancellation);
}

/// <summary>A study's row. <see cref="SealedFacts"/> is empty until the first commit, and holds the sealed certificate once destroyed.</summary>
public sealed record StudyRow(StudyHandle Study, Mac StudyUid, StudyState State, long OwnerEpoch, DateOnly? DueDay, long Change, byte[] SealedFacts);

/// <summary>An instance's row: the MAC of its SOP Instance UID, its ordinal within the study (from 1) and the sealed <see cref="InstanceRecord"/>.</summary>
public sealed record InstanceRow(StudyHandle Study, Mac SopInstanceUid, long Ordinal, byte[] SealedRecord);

/// <summary>One atomic change of a study by its owner.</summary>
public sealed record StudyCommit
{
    public required StudyHandle Study { get; init; }

    public required long OwnerEpoch { get; init; }

    public required StudyState State { get; init; }

    /// <summary>The day the sweep looks for; null takes the study out of its reach (legal hold, destroyed).</summary>
    public required DateOnly? DueDay { get; init; }

    public required byte[] SealedFacts { get; init; }

    /// <summary>Rows to add. A SOP Instance UID that the study has already fails the commit (InvalidOperationException).</summary>
    public IReadOnlyList<InstanceRow> Instances { get; init; } = [];

    /// <summary>True removes all of the study's instance rows.</summary>
    public bool RemoveInstances { get; init; }
}
