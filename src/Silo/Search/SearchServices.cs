using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Search;

/// <summary>Registers the read model and the searches over it.</summary>
public static class SearchServices
{
    public static IServiceCollection AddSearch(this IServiceCollection services) => services
        .AddSingleton(_ => new ReadModel())
        .AddSingleton<IFactsOpener, CatalogOpener>()
        .AddSingleton<IInstanceLister, CatalogOpener>()
        .AddSingleton<CatalogFollower>()
        .AddSingleton<StudySearch>();

    /// <summary>What searches read, opened with the vault's keys.</summary>
    private sealed class CatalogOpener(StudyFactsReader reader, ICatalog catalog, Vault vault) : IFactsOpener, IInstanceLister
    {
        public ValueTask<StudyFacts?> OpenAsync(StudyRow row, CancellationToken cancellation) => reader.OpenAsync(row, cancellation);

        public ValueTask<IReadOnlyList<StudyFacts?>> OpenAsync(IReadOnlyList<StudyRow> rows, CancellationToken cancellation) =>
            reader.OpenAsync(rows, cancellation);

        public IAsyncEnumerable<InstanceRecord> ListAsync(StudyHandle study, CancellationToken cancellation) =>
            reader.InstancesAsync(study, cancellation);

        public ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(string sopInstanceUid, CancellationToken cancellation) =>
            catalog.FindStudiesOfInstanceAsync(vault.MacOfUid(sopInstanceUid), cancellation);
    }
}
