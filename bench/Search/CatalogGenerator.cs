using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Bench.Search;

/// <summary>
/// Fills a catalog and a vault that nobody else has open with generated studies: keys and sealed rows as the archive makes them. There are no objects
/// and no rows of instances, which searches for studies and series do not read.
/// </summary>
internal static class CatalogGenerator
{
    private const int StudiesAtOnce = 512;
    private const int StudiesAStep = 10_000;

    /// <param name="keysPath">The vault's keys.</param>
    /// <param name="progress">Told after each step how many studies there are.</param>
    public static async Task FillAsync(ICatalog catalog, IVaultStore vaultStore, string keysPath, int studies, Action<int> progress)
    {
        var bulk = new BulkVaultStore(vaultStore);
        using var keys = FileRootKey.Open(keysPath);
        using var vault = new Vault(bulk, keys, TimeProvider.System, new VaultOptions());
        await vault.OpenAsync(CancellationToken.None);
        var patients = new Dictionary<int, PatientHandle>();
        foreach (var step in Enumerable.Range(0, studies).Chunk(StudiesAStep))
        {
            var rows = new List<(StudyHandle Study, Mac Uid, StudyFacts Facts)>(step.Length);
            foreach (var number in step)
            {
                rows.Add(await AddKeysAsync(vault, GeneratedStudy.Of(number, studies), patients));
            }

            await Parallel.ForEachAsync(
                rows,
                new ParallelOptions { MaxDegreeOfParallelism = StudiesAtOnce },
                async (row, _) => await AddStudyAsync(catalog, vault, row.Study, row.Uid, row.Facts));
            progress(step[^1] + 1);
        }

        await bulk.WriteAsync();
    }

    private static async Task<(StudyHandle Study, Mac Uid, StudyFacts Facts)> AddKeysAsync(
        Vault vault, GeneratedStudy study, Dictionary<int, PatientHandle> patients)
    {
        if (!patients.TryGetValue(study.PatientNumber, out var patient))
        {
            patient = await vault.FindOrAddPatientAsync(new PatientIdentity("", study.PatientId), CancellationToken.None);
            patients.Add(study.PatientNumber, patient);
        }

        var handle = StudyHandle.New();
        await vault.AddStudyKeyAsync(handle, patient, CancellationToken.None);
        return (handle, vault.MacOfUid(study.Uid), study.Facts(patient));
    }

    private static async Task AddStudyAsync(ICatalog catalog, Vault vault, StudyHandle study, Mac uid, StudyFacts facts)
    {
        using var key = await vault.OpenStudyKeyAsync(study, CancellationToken.None);
        await catalog.AddStudyAsync(uid, study, CancellationToken.None);
        var epoch = await catalog.ClaimAsync(study, 0, CancellationToken.None) ?? throw new InvalidOperationException("Another has the study.");
        await catalog.CommitAsync(
            new StudyCommit
            {
                Study = study,
                OwnerEpoch = epoch,
                State = StudyState.Active,
                DueDay = facts.SweepDay,
                SealedFacts = StudyRows.Seal(key!, study, uid, facts),
            },
            CancellationToken.None);
    }
}
