using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>Writes groups of <see cref="CatalogWrite"/>, one after the other. After a fault it is disposed and another is opened.</summary>
internal interface ICatalogWriter : IDisposable
{
    /// <summary>
    /// Does the writes in one durable transaction. Each stands apart in it and is told what came of it: one that is
    /// refused leaves no trace and does not disturb the others.
    /// </summary>
    /// <exception cref="Exception">The whole group is lost, or it is uncertain whether it is.</exception>
    void Commit(IReadOnlyList<CatalogWrite> group);
}

/// <summary>A write that waits for its transaction. Whoever waits hears of its result only once it is durable.</summary>
internal abstract class CatalogWrite
{
    /// <summary>Nothing of the write will remain in the transaction; the one that waits gets the exception.</summary>
    public abstract void Refuse(Exception reason);

    /// <summary>The transaction is durable.</summary>
    public abstract void Finish();

    /// <summary>The transaction is lost, or uncertain.</summary>
    public abstract void Fail(Exception fault);
}

/// <inheritdoc/>
internal abstract class CatalogWrite<T> : CatalogWrite
{
    private readonly TaskCompletionSource<T> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;
    private Exception? refusal;

    public Task<T> Outcome => outcome.Task;

    /// <summary>What the write gives; it takes the place of what an attempt before said.</summary>
    public void Succeed(T value) => (result, refusal) = (value, null);

    public override void Refuse(Exception reason) => refusal = reason;

    public override void Finish()
    {
        if (refusal is null)
            outcome.SetResult(result!);
        else
            outcome.SetException(refusal);
    }

    public override void Fail(Exception fault) => outcome.SetException(fault);
}

/// <summary>Reserves a handle: <see cref="ICatalog.AddStudyAsync"/>.</summary>
internal sealed class StudyAddition(Mac studyUid, StudyHandle proposed) : CatalogWrite<StudyRow>
{
    public Mac StudyUid => studyUid;

    public StudyHandle Proposed => proposed;
}

/// <summary>Takes over a study: <see cref="ICatalog.ClaimAsync"/>.</summary>
internal sealed class StudyClaim(StudyHandle study, long expected) : CatalogWrite<long?>
{
    public StudyHandle Study => study;

    public long Expected => expected;
}

/// <summary>Changes a study and gives the change's number: <see cref="ICatalog.CommitAsync"/>.</summary>
internal sealed class StudyChange(StudyCommit commit) : CatalogWrite<long>
{
    public StudyCommit Commit => commit;
}
