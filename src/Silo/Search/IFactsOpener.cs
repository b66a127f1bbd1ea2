using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>Opens the sealed facts of catalog rows.</summary>
public interface IFactsOpener
{
    /// <summary>The study's facts, or null where its key is gone.</summary>
    /// <exception cref="StorageUnavailableException">The key cannot be looked up for now.</exception>
    /// <exception cref="Exception">Any other: the row has been tampered with or is damaged.</exception>
    ValueTask<StudyFacts?> OpenAsync(StudyRow row, CancellationToken cancellation);

    /// <summary>As above for many rows, each study's facts at its row's place.</summary>
    /// <exception cref="StorageUnavailableException">The keys cannot be looked up for now.</exception>
    /// <exception cref="Exception">Any other: one of the rows has been tampered with or is damaged.</exception>
    ValueTask<IReadOnlyList<StudyFacts?>> OpenAsync(IReadOnlyList<StudyRow> rows, CancellationToken cancellation);
}
