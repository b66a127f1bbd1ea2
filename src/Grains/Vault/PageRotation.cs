using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Works out the change of rows that destroys studies of one page: their rows go, their patients and the page get new keys,
/// and everything else on the page is wrapped again under them.
/// </summary>
internal sealed class PageRotation
{
    private readonly VaultRow newPage;
    private readonly SecretKey newPageKey;
    private readonly List<VaultRow> updates;
    private readonly List<VaultRow> deletes = [];

    private PageRotation(VaultRow newPage, SecretKey newPageKey)
    {
        this.newPage = newPage;
        this.newPageKey = newPageKey;
        updates = [newPage];
    }

    /// <param name="newPage">The page as it is to be, wrapping <paramref name="newPageKey"/>.</param>
    /// <param name="patients">All patients of the page.</param>
    /// <param name="studies">All studies of each patient that loses one.</param>
    /// <param name="doomedKeys">The ids of the studies' keys that go.</param>
    /// <exception cref="VaultIntegrityException">A row is damaged, stands in another's place, or is not of the same moment.</exception>
    public static VaultCommit Plan(
        VaultRow page, SecretKey pageKey, VaultRow newPage, SecretKey newPageKey, IReadOnlyList<VaultRow> patients,
        IReadOnlyDictionary<Guid, IReadOnlyList<VaultRow>> studies, IReadOnlySet<Guid> doomedKeys, VaultRow currentEpoch)
    {
        var rotation = new PageRotation(newPage, newPageKey);
        foreach (var patient in patients)
        {
            using var key = patient.Unwrap(pageKey, page.KeyId);
            if (studies.TryGetValue(patient.Id, out var ofPatient))
                rotation.Rotate(patient, key, ofPatient, doomedKeys);
            else
                rotation.updates.Add(patient.Wrap(newPageKey, newPage.KeyId, key).Next());
        }
        return new VaultCommit { Required = [currentEpoch], Updates = rotation.updates, Deletes = rotation.deletes };
    }

    private void Rotate(VaultRow patient, SecretKey key, IReadOnlyList<VaultRow> studies, IReadOnlySet<Guid> doomedKeys)
    {
        deletes.AddRange(studies.Where(study => doomedKeys.Contains(study.KeyId)));
        var survivors = studies.Where(study => !doomedKeys.Contains(study.KeyId)).ToList();
        if (survivors.Count == 0)
        {
            deletes.Add(patient);
            return;
        }
        using var newKey = SecretKey.Generate();
        var rotated = (patient with { KeyId = Guid.NewGuid() }).Wrap(newPageKey, newPage.KeyId, newKey).Next();
        updates.Add(SealedIdentity.Put(rotated, newKey, SealedIdentity.Get(patient, key)));
        foreach (var study in survivors)
        {
            using var studyKey = study.Unwrap(key, patient.KeyId);
            updates.Add(study.Wrap(newKey, rotated.KeyId, studyKey).Next());
        }
    }
}
