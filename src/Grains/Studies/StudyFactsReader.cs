using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>Opens what the catalog's rows say, for the archive's own work: the read model and the retention plan.</summary>
public sealed class StudyFactsReader(ICatalog catalog, Vault.Vault vault)
{
    private const int BatchSize = 128;

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

    /// <summary>As above for many rows, each study's facts at its row's place.</summary>
    /// <exception cref="VaultIntegrityException">A row is damaged, or another's: none is returned.</exception>
    public async ValueTask<IReadOnlyList<StudyFacts?>> OpenAsync(IReadOnlyList<StudyRow> rows, CancellationToken cancellation)
    {
        var facts = new StudyFacts?[rows.Count];
        var keys = await vault.OpenStudyKeysAsync([.. rows.Select(row => row.Study)], cancellation);
        try
        {
            for (var i = 0; i < facts.Length; i++)
            {
                if (rows[i] is { State: StudyState.Active, SealedFacts.Length: > 0 } row && keys[i] is { } key)
                {
                    facts[i] = StudyRows.OpenFacts(key, row);
                }
            }

            return facts;
        }
        finally
        {
            foreach (var key in keys)
            {
                key?.Dispose();
            }
        }
    }

    /// <summary>A study's instances in the order they were stored; none once its key is gone. The key is open while a batch is, not while it is read.</summary>
    public async IAsyncEnumerable<InstanceRecord> InstancesAsync(
        StudyHandle study, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var rows in catalog.ListInstancesAsync(study, cancellation).Chunk(BatchSize))
        {
            foreach (var record in await OpenAsync(study, rows, cancellation))
            {
                yield return record;
            }
        }
    }

    private async ValueTask<IReadOnlyList<InstanceRecord>> OpenAsync(StudyHandle study, IReadOnlyList<InstanceRow> rows, CancellationToken cancellation)
    {
        using var key = await vault.OpenStudyKeyAsync(study, cancellation);
        return key is null ? [] : [.. rows.Select(row => StudyRows.OpenInstance(key, row))];
    }
}
