using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Vault;

public sealed partial class Vault
{
    /// <summary>
    /// Destroys a study's key. Its patient and page get new keys, under which everything else is wrapped again, so that an old
    /// copy of a row does not fit what is left. A patient without studies goes too. May be repeated: where the key is gone,
    /// the times returned are those of a destruction now, which is the later, safe answer.
    /// </summary>
    /// <exception cref="VaultIntegrityException">A row is damaged or stands in another's place; nothing was destroyed.</exception>
    public ValueTask<KeyDestruction> DestroyStudyKeyAsync(StudyHandle study, CancellationToken cancellation) =>
        DestroyStudyKeysAsync([study], cancellation);

    /// <summary>Destroys a study's key as <see cref="DestroyStudyKeyAsync"/> does, where it is still the one with this id.</summary>
    public ValueTask<KeyDestruction> DestroyStudyKeyAsync(StudyHandle study, Guid keyId, CancellationToken cancellation) =>
        DestroyStudyKeysAsync([study], row => row.KeyId == keyId, cancellation);

    /// <summary>Destroys the keys of many studies, those of a page in one transaction. The times returned hold for all of them.</summary>
    public ValueTask<KeyDestruction> DestroyStudyKeysAsync(IReadOnlyCollection<StudyHandle> studies, CancellationToken cancellation) =>
        DestroyStudyKeysAsync(studies, _ => true, cancellation);

    private async ValueTask<KeyDestruction> DestroyStudyKeysAsync(
        IReadOnlyCollection<StudyHandle> studies, Func<VaultRow, bool> isMeant, CancellationToken cancellation)
    {
        var beyond = BeyondBackups(Current(await EpochsAsync(cancellation)));
        var rotated = new List<RotatedPage>();
        await writing.WaitAsync(cancellation);
        try
        {
            foreach (var ids in studies.Select(study => study.Value).Distinct().Chunk(BulkSize))
                await RetryAsync<bool>(async () =>
                {
                    var chains = (await store.FindStudiesAsync(ids, cancellation)).Where(chain => isMeant(chain.Study)).ToList();
                    foreach (var onPage in chains.GroupBy(chain => chain.Page.Id))
                        if (await TryRotateAsync(onPage.Key, [.. onPage.Select(chain => chain.Patient.Id).Distinct()], [.. onPage.Select(chain => chain.Study.KeyId)], cancellation) is var (page, end))
                        {
                            rotated.Add(page);
                            beyond = end > beyond ? end : beyond;
                        }
                    return chains.Count == 0 ? true : null;
                });
        }
        finally
        {
            writing.Release();
        }
        return new KeyDestruction(time.GetUtcNow(), beyond, provider.Name, [.. rotated]);
    }

    /// <summary>Drops the keys that these pages had before they were rotated by another silo.</summary>
    public void ForgetPages(IEnumerable<RotatedPage> pages)
    {
        foreach (var (page, version) in pages)
            pageKeys.Forget(page, version);
    }

    /// <summary>The page and when the destruction is beyond backups, or null where others changed the rows in the meantime.</summary>
    private async ValueTask<(RotatedPage Page, DateTimeOffset Beyond)?> TryRotateAsync(
        Guid pageId, IReadOnlyList<Guid> patientsThatLose, HashSet<Guid> doomedKeys, CancellationToken cancellation)
    {
        if (await store.FindAsync(VaultRowKind.Page, pageId, cancellation) is not { } page)
            return null;

        // Read after the page: where its epoch is not among them, the page has been turned since, and its version tells.
        var epochs = await EpochsAsync(cancellation);
        var current = Current(epochs);
        var patients = await store.ListChildrenAsync(VaultRowKind.Patient, pageId, cancellation);
        var studies = new Dictionary<Guid, IReadOnlyList<VaultRow>>();
        foreach (var patient in patientsThatLose)
            studies.Add(patient, await store.ListChildrenAsync(VaultRowKind.Study, patient, cancellation));
        try
        {
            var beyond = BeyondBackups(epochs.Find(epoch => epoch.Row.Id == page.Parent)
                ?? throw new VaultIntegrityException("A page stands under an epoch that is not there."));
            using var pageKey = OpenPageKey(page);
            using var newPageKey = SecretKey.Generate();
            var newPage = (page with { KeyId = Guid.NewGuid() }).Wrap(provider, current.Id, newPageKey).Next();
            var commit = PageRotation.Plan(page, pageKey, newPage, newPageKey, patients, studies, doomedKeys, current.Row);
            if (!await store.CommitAsync(commit, cancellation))
                return null;
            pageKeys.Add(newPage, newPageKey);
            room = null;
            return (new RotatedPage(newPage.Id, newPage.Version), beyond);
        }
        catch (VaultIntegrityException)
        {
            // Rows that do not fit together may have been read before and after somebody else's rotation.
            if (await store.FindAsync(VaultRowKind.Page, pageId, cancellation) is { } now && now.Version == page.Version)
                throw;
            return null;
        }
    }

    private DateTimeOffset BeyondBackups(Epoch lastThatWrapped)
    {
        var now = time.GetUtcNow();
        var planned = lastThatWrapped.Created + options.EpochPeriod;
        var end = lastThatWrapped.Superseded ?? (planned > now ? planned : now);
        return end + options.BackupWindow + provider.DeletionDelay;
    }
}
