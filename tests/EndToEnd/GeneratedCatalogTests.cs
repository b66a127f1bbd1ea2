using SecureStore.Bench.Search;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.VaultStore;

namespace SecureStore.EndToEnd;

/// <summary>The catalog that searches are measured over: sealed like any other, with a key for each study and each patient.</summary>
public class GeneratedCatalogTests
{
    private const int Studies = 700;

    [Fact]
    public async Task Every_generated_study_opens_with_its_own_key()
    {
        var stop = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("securestore-generated-");
        try
        {
            var keysPath = Path.Combine(folder.FullName, "keys");
            using var store = await SqliteVaultStore.OpenAsync(Path.Combine(folder.FullName, "vault.db"), stop);
            using (var keys = FileRootKey.Create(keysPath))
            using (var made = new Vault(store, keys, TimeProvider.System, new VaultOptions()))
            {
                await made.InitialiseAsync(stop);
            }

            await using var catalog = new SqliteCatalog(Path.Combine(folder.FullName, "catalog.db"));
            await CatalogGenerator.FillAsync(catalog, store, keysPath, Studies, _ => { });

            using var again = FileRootKey.Open(keysPath);
            using var vault = new Vault(store, again, TimeProvider.System, new VaultOptions());
            await vault.OpenAsync(stop);
            var rows = await catalog.ChangesAsync(0, stop).ToListAsync(stop);
            var facts = await new StudyFactsReader(catalog, vault).OpenAsync(rows, stop);
            var expected = Enumerable.Range(0, Studies).Select(number => GeneratedStudy.Of(number, Studies)).ToList();
            Assert.Equal(
                expected.Select(study => (study.Uid, study.PatientId)).Order(),
                facts.Select(one => (one!.StudyInstanceUid, one.Patient.Id)).Order());
            Assert.Equal(expected.DistinctBy(study => study.PatientNumber).Count(), facts.DistinctBy(one => one!.PatientHandle).Count());

            var damaged = rows.ToList();
            (damaged[0], damaged[1]) = (damaged[0] with { SealedFacts = damaged[1].SealedFacts }, damaged[1] with { SealedFacts = damaged[0].SealedFacts });
            await Assert.ThrowsAsync<VaultIntegrityException>(async () => await new StudyFactsReader(catalog, vault).OpenAsync(damaged, stop));
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }
}
