using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>Opens what the catalog's rows say, for the archive's own work: the read model and the retention plan.</summary>
public sealed class StudyFactsReader(ICatalog catalog, Vault.Vault vault)
{
    /// <summary>The facts of an active study, or null for an empty row, a tombstone, or a study whose key is gone.</summary>
    /// <exception cref="VaultIntegrityException">The row is damaged, or another's.</exception>
    public async ValueTask<StudyFacts?> OpenAsync(StudyRow row, CancellationToken cancellation)
    {
        if (row.State != StudyState.Active || row.SealedFacts.Length == 0)
        {
            return null;
        }

        using var key = await vault.OpenStudyKeyAsync(row.Study, cancellation);
        return key is null ? null : StudyRows.OpenFacts(key, row);
    }

    /// <summary>A study's instances in the order they were stored; none where its key is gone.</summary>
    public async IAsyncEnumerable<InstanceRecord> InstancesAsync(
        StudyHandle study, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var key = await vault.OpenStudyKeyAsync(study, cancellation);
        if (key is null)
        {
            yield break;
        }

        await foreach (var row in catalog.ListInstancesAsync(study, cancellation))
        {
            yield return StudyRows.OpenInstance(key, row);
        }
    }
}
