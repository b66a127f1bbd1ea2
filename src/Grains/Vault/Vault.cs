using System.Runtime.InteropServices;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Vault;

/// <summary>
/// The keys of patients, studies and the service, docs/keys.md: each wrapped under the one above it, up to an epoch key that
/// only the root key provider has. All members may be called concurrently, once the vault is open. A key that a member
/// returns is the caller's to dispose, those of <see cref="ServiceKey"/> excepted.
/// </summary>
public sealed partial class Vault : IDisposable
{
    private const int Attempts = 100;
    private const int BulkSize = 500;

    private readonly IVaultStore store;
    private readonly IRootKeyProvider provider;
    private readonly TimeProvider time;
    private readonly VaultOptions options;
    private readonly PageKeys pageKeys;
    private readonly SemaphoreSlim writing = new(1);
    private readonly SemaphoreSlim turning = new(1);
    private ServiceKeys? serviceKeys;
    private (Guid Page, int Patients)? room;

    /// <exception cref="VaultException">An option is out of its range.</exception>
    public Vault(IVaultStore store, IRootKeyProvider provider, TimeProvider time, VaultOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        this.store = store;
        this.provider = provider;
        this.time = time;
        this.options = options;
        pageKeys = new PageKeys(options.OpenPages);
    }

    /// <summary>Makes the first epoch, the service page and the service keys in an empty store, and opens the vault.</summary>
    /// <exception cref="VaultException">The store is not empty.</exception>
    public async ValueTask InitialiseAsync(CancellationToken cancellation)
    {
        const string notEmpty = "The vault database (Data:Path, or ConnectionStrings:Vault) holds keys already, and they are not made anew; restore the folder that Keys:Path names.";
        if (!await store.IsEmptyAsync(cancellation))
            throw new VaultException(notEmpty);
        var epoch = EpochId.New();
        provider.CreateEpoch(epoch);
        using var pageKey = SecretKey.Generate();
        serviceKeys = new ServiceKeys();
        var (page, keys) = serviceKeys.AddMissing(
            KeyRows.New(VaultRowKind.ServicePage, ServiceKeys.PageId, epoch.Value).Wrap(provider, epoch, pageKey), pageKey);
        if (!await store.CommitAsync(new VaultCommit { Inserts = [NewEpoch(epoch), page, .. keys] }, cancellation))
            throw new VaultException(notEmpty);
    }

    /// <summary>Opens the service keys, and checks that the provider has the epoch of every page.</summary>
    /// <exception cref="VaultException">The store is empty, or the provider's keys are missing or another vault's.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        if (await store.IsEmptyAsync(cancellation))
            throw new VaultException("The vault database (Data:Path, or ConnectionStrings:Vault) is empty although Keys:Path holds keys; restore it, or remove the keys where nothing was ever stored under them.");
        var page = await store.FindAsync(VaultRowKind.ServicePage, ServiceKeys.PageId, cancellation)
            ?? throw new VaultException("The vault database (Data:Path, or ConnectionStrings:Vault) lacks its service page; restore it from a backup.");
        RequireEpoch(page);
        await foreach (var row in store.ListAsync(VaultRowKind.Page, cancellation))
            RequireEpoch(row);
        try
        {
            using var pageKey = page.Unwrap(provider);
            var rows = await store.ListChildrenAsync(VaultRowKind.ServiceKey, page.Id, cancellation);
            serviceKeys = ServiceKeys.Open(page, pageKey, rows);
            var (named, added) = serviceKeys.AddMissing(page, pageKey);
            if (added.Count > 0 && !await store.CommitAsync(new VaultCommit { Inserts = added, Updates = [named.Next()] }, cancellation))
                throw new VaultException("The vault database (Data:Path, or ConnectionStrings:Vault) was changed by another process at the same time; start again.");
            Current(await EpochsAsync(cancellation));
        }
        catch (VaultIntegrityException fault)
        {
            throw new VaultException("The vault database (Data:Path, or ConnectionStrings:Vault) is damaged, or was written with other keys than Keys:Path holds; restore both from their backups.", fault);
        }
    }

    /// <summary>The pages whose keys are in memory, with the ids of the keys.</summary>
    internal IReadOnlyList<(Guid Page, Guid KeyId)> OpenPageKeys => pageKeys.Open;

    /// <summary>A key of the service itself, open for the vault's life; not to be disposed.</summary>
    /// <exception cref="InvalidOperationException">The vault is not open.</exception>
    public SecretKey ServiceKey(ServiceKeyName name) =>
        (serviceKeys ?? throw new InvalidOperationException("The vault is not open."))[name];

    /// <summary>The MAC that stands for a UID, without its padding, in a look-up column.</summary>
    public Mac MacOfUid(string uid) => IndexMac("uid"u8, MemoryMarshal.AsBytes(uid.AsSpan()));

    /// <summary>The MAC that stands for an identity.</summary>
    public Mac MacOfIdentity(PatientIdentity identity) => IndexMac("identity"u8, IdentityBytes.Encode(identity));

    /// <summary>The handle of the patient with this identity; a new one where there is none.</summary>
    public async ValueTask<PatientHandle> FindOrAddPatientAsync(PatientIdentity identity, CancellationToken cancellation)
    {
        var mac = MacOfIdentity(identity);
        if (await store.FindPatientAsync(mac, cancellation) is { } known)
            return Verified(known);
        await writing.WaitAsync(cancellation);
        try
        {
            return await RetryAsync(async () => await store.FindPatientAsync(mac, cancellation) is { } found
                ? Verified(found)
                : await TryAddPatientAsync(identity, mac, cancellation));
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Who a patient is; null where there is no such patient.</summary>
    /// <exception cref="VaultIntegrityException">A row is damaged or stands in another's place.</exception>
    public async ValueTask<PatientIdentity?> FindIdentityAsync(PatientHandle patient, CancellationToken cancellation)
    {
        if (await store.FindPatientAsync(patient.Value, cancellation) is not { } chain)
            return null;
        using var key = OpenPatientKey(chain.Patient, chain.Page);
        return SealedIdentity.Get(chain.Patient, key);
    }

    /// <summary>
    /// Gives a study a key of its own under its patient's. One that it has already it keeps, under a new id: a destruction that is on its way
    /// to the key by its old id misses it.
    /// </summary>
    /// <exception cref="PatientGoneException">There is no such patient, or no longer.</exception>
    /// <exception cref="OtherPatientsStudyException">The study is another patient's.</exception>
    public async ValueTask AddStudyKeyAsync(StudyHandle study, PatientHandle patient, CancellationToken cancellation) =>
        await RetryAsync<bool>(async () =>
        {
            if (await store.FindStudyAsync(study.Value, cancellation) is { } known)
            {
                if (known.Patient.Id != patient.Value)
                    throw new OtherPatientsStudyException(study);
                return await store.CommitAsync(new VaultCommit { Updates = [WithNewId(known), known.Patient.Next()] }, cancellation) ? true : null;
            }

            var chain = await store.FindPatientAsync(patient.Value, cancellation) ?? throw new PatientGoneException(patient);
            using var patientKey = OpenPatientKey(chain.Patient, chain.Page);
            using var studyKey = SecretKey.Generate();
            var row = KeyRows.New(VaultRowKind.Study, study.Value, patient.Value).Wrap(patientKey, chain.Patient.KeyId, studyKey);
            return await store.CommitAsync(new VaultCommit { Inserts = [row], Updates = [chain.Patient.Next()] }, cancellation) ? true : null;
        });

    /// <summary>The id of a study's key; null where it has none. No two keys ever have the same.</summary>
    public async ValueTask<Guid?> FindStudyKeyIdAsync(StudyHandle study, CancellationToken cancellation) =>
        (await store.FindAsync(VaultRowKind.Study, study.Value, cancellation))?.KeyId;

    /// <summary>A study's key; null where it has none (any more).</summary>
    /// <exception cref="VaultIntegrityException">A row is damaged or stands in another's place.</exception>
    public async ValueTask<SecretKey?> OpenStudyKeyAsync(StudyHandle study, CancellationToken cancellation) =>
        await store.FindStudyAsync(study.Value, cancellation) is { } chain ? OpenStudyKey(chain) : null;

    /// <summary>The keys of many studies, each at its study's place; null where a study has none.</summary>
    /// <exception cref="VaultIntegrityException">A row is damaged or stands in another's place; no key is returned.</exception>
    public async ValueTask<SecretKey?[]> OpenStudyKeysAsync(IReadOnlyList<StudyHandle> studies, CancellationToken cancellation)
    {
        var keys = new SecretKey?[studies.Count];
        try
        {
            for (var start = 0; start < keys.Length; start += BulkSize)
            {
                var ids = studies.Skip(start).Take(BulkSize).Select(study => study.Value).ToList();
                var chains = (await store.FindStudiesAsync(ids, cancellation)).ToDictionary(chain => chain.Study.Id);
                for (var i = 0; i < ids.Count; i++)
                    keys[start + i] = chains.TryGetValue(ids[i], out var chain) ? OpenStudyKey(chain) : null;
            }
            return keys;
        }
        catch
        {
            foreach (var key in keys)
                key?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        pageKeys.Dispose();
        serviceKeys?.Dispose();
        writing.Dispose();
        turning.Dispose();
    }

    private SecretKey OpenPageKey(VaultRow page)
    {
        if (pageKeys.Find(page.Id, page.KeyId) is { } open)
            return open;
        var key = page.Unwrap(provider);
        pageKeys.Add(page, key);
        return key;
    }

    private SecretKey OpenPatientKey(VaultRow patient, VaultRow page)
    {
        using var pageKey = OpenPageKey(page);
        return patient.Unwrap(pageKey, page.KeyId);
    }

    private SecretKey OpenStudyKey(StudyKeyChain chain)
    {
        using var patientKey = OpenPatientKey(chain.Patient, chain.Page);
        return chain.Study.Unwrap(patientKey, chain.Patient.KeyId);
    }

    private VaultRow WithNewId(StudyKeyChain chain)
    {
        using var patientKey = OpenPatientKey(chain.Patient, chain.Page);
        using var studyKey = chain.Study.Unwrap(patientKey, chain.Patient.KeyId);
        return (chain.Study with { KeyId = Guid.NewGuid() }).Wrap(patientKey, chain.Patient.KeyId, studyKey).Next();
    }

    private PatientHandle Verified(PatientKeyChain chain)
    {
        OpenPatientKey(chain.Patient, chain.Page).Dispose();
        return new PatientHandle(chain.Patient.Id);
    }

    private async ValueTask<PatientHandle?> TryAddPatientAsync(PatientIdentity identity, Mac mac, CancellationToken cancellation)
    {
        var patient = PatientHandle.New();
        using var patientKey = SecretKey.Generate();
        room ??= await store.FindPageWithRoomAsync(options.PatientsPerPage, cancellation);
        VaultCommit commit;
        if (room is { } present && await store.FindAsync(VaultRowKind.Page, present.Page, cancellation) is { } page)
        {
            using var pageKey = OpenPageKey(page);
            commit = new VaultCommit { Inserts = [NewPatient(page, pageKey)], Updates = [page.Next()] };
        }
        else
        {
            var epoch = Current(await EpochsAsync(cancellation)).Row;
            using var pageKey = SecretKey.Generate();
            page = KeyRows.New(VaultRowKind.Page, Guid.NewGuid(), epoch.Id).Wrap(provider, new EpochId(epoch.Id), pageKey);
            commit = new VaultCommit { Required = [epoch], Inserts = [page, NewPatient(page, pageKey)] };
        }
        if (!await store.CommitAsync(commit, cancellation))
        {
            room = null;
            return null;
        }
        var patients = (room?.Patients ?? 0) + 1;
        room = patients < options.PatientsPerPage ? (page.Id, patients) : null;
        return patient;

        VaultRow NewPatient(VaultRow page, SecretKey pageKey)
        {
            var row = (KeyRows.New(VaultRowKind.Patient, patient.Value, page.Id) with { LookUp = mac }).Wrap(pageKey, page.KeyId, patientKey);
            return SealedIdentity.Put(row, patientKey, identity);
        }
    }

    private Mac IndexMac(ReadOnlySpan<byte> what, ReadOnlySpan<byte> value)
    {
        Span<byte> length = [(byte)what.Length];
        using var mac = ServiceKey(ServiceKeyName.Index).BeginMac();
        mac.AppendData(length);
        mac.AppendData(what);
        mac.AppendData(value);
        return mac.Finish();
    }

    private void RequireEpoch(VaultRow page)
    {
        if (!provider.HasEpoch(new EpochId(page.Parent)))
            throw new VaultException($"Keys:Path lacks the key of epoch {page.Parent:N}, with which the vault database (Data:Path, or ConnectionStrings:Vault) was written; restore the keys that belong to it.");
    }

    /// <summary>Repeats a step until it gives a value; null says that others changed the rows in the meantime.</summary>
    private static async ValueTask<T> RetryAsync<T>(Func<ValueTask<T?>> step)
        where T : struct
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
            if (await step() is { } result)
                return result;
        throw new StorageUnavailableException("The vault's rows are changed by others all the time.");
    }
}
