using System.Runtime.CompilerServices;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Retention;

/// <summary>Shows what the sweep would destroy by a day, before it does.</summary>
public sealed class RetentionPlan(ICatalog catalog, StudyFactsReader facts)
{
    /// <summary>Studies that are due on or before a day, soonest first.</summary>
    public async IAsyncEnumerable<StudyFacts> UntilAsync(DateOnly day, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in catalog.DueAsync(day, cancellation))
        {
            if (await facts.OpenAsync(row, cancellation) is { } due)
            {
                yield return due;
            }
        }
    }

    /// <summary>One study's facts, or null where there is none.</summary>
    public async ValueTask<StudyFacts?> OfAsync(Mac studyUid, CancellationToken cancellation) =>
        await catalog.FindStudyAsync(studyUid, cancellation) is { } row ? await facts.OpenAsync(row, cancellation) : null;
}
