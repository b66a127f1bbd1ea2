using SecureStore.Client.Storing;

namespace SecureStore.Client.Importing;

/// <summary>Where studies are imported from.</summary>
interface IImportSource : IAsyncDisposable
{
    /// <summary>What it is called in the report, and by the journal: two sources are two names.</summary>
    string Name { get; }

    /// <summary>All studies, as far as a listing tells.</summary>
    /// <param name="problem">Told what cannot be listed, and why.</param>
    /// <param name="cancellation">Breaks off.</param>
    /// <exception cref="SecureStoreException">It cannot be listed.</exception>
    Task<IReadOnlyList<SourceStudy>> StudiesAsync(Action<string, string> problem, CancellationToken cancellation);

    /// <summary>A study with its instances.</summary>
    /// <exception cref="SecureStoreException">It cannot be listed.</exception>
    Task<SourceStudy> OpenAsync(SourceStudy study, CancellationToken cancellation);

    /// <summary>Fetches instances of a study, one outcome for each. Whoever takes one disposes it.</summary>
    /// <exception cref="SecureStoreException">The source is away: going on makes no sense.</exception>
    IAsyncEnumerable<FetchedInstance> FetchAsync(SourceStudy study, IReadOnlyList<SourceInstance> instances, CancellationToken cancellation);
}

/// <summary>A study of a source.</summary>
/// <param name="Uid">Its Study Instance UID; null for the files that name none.</param>
/// <param name="Dates">Its study dates, one or, where its instances contradict one another, several; none where nothing is known.</param>
/// <param name="Modalities">The modalities of its series, as far as they are known.</param>
/// <param name="Count">How many instances it seems to have.</param>
/// <param name="Instances">Its instances, once it is open.</param>
sealed record SourceStudy(
    string? Uid, IReadOnlyList<string?> Dates, IReadOnlyList<string> Modalities, int Count, IReadOnlyList<SourceInstance> Instances)
{
    /// <summary>Why what it has beside its instances cannot be listed; empty once it is open where that is all.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <param name="count">Series and instances that are listed by what is no UID.</param>
    public SourceStudy WithUnnamed(int count) =>
        count == 0 ? this : this with { Problems = [.. Problems, $"{count} of its series and instances are listed by what is no UID"] };
}

/// <summary>An instance of a source.</summary>
/// <param name="Name">For people: its path, or its UIDs.</param>
/// <param name="Words">What the journal knows it by, within its source.</param>
/// <param name="Series">Its Series Instance UID, where the listing says so.</param>
/// <param name="Uid">Its SOP Instance UID, where the listing says so.</param>
/// <param name="SopClass">Its SOP Class UID, where the listing says so.</param>
sealed record SourceInstance(string Name, IReadOnlyList<string> Words, string? Series = null, string? Uid = null, string? SopClass = null);

/// <summary>An instance that was fetched, or why it was not.</summary>
sealed record FetchedInstance(SourceInstance Source, StoreFile? File, StoreOutcome? Outcome, IDisposable? Held = null) : IDisposable
{
    /// <summary>It could not be had.</summary>
    public static FetchedInstance Failed(SourceInstance source, string reason) => new(source, null, new StoreOutcome(source.Name, StoreStatus.Unreadable, reason));

    /// <summary>It came, and was written to a file without a name.</summary>
    public static FetchedInstance Spooled(SourceInstance source, Files.SpooledFile spool)
    {
        var (file, outcome) = StoreFile.Look(source.Name, spool.OpenRead);
        return new FetchedInstance(source, file, outcome, spool);
    }

    public void Dispose() => Held?.Dispose();
}
