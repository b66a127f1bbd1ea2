namespace SecureStore.Grains.Storage;

/// <summary>
/// The vault's rows: wrapped keys, in a database of their own, so that it can have a backup rule of its own. All members
/// may be called concurrently. A fault that may pass is a <see cref="StorageUnavailableException"/>.
/// </summary>
public interface IVaultStore
{
    ValueTask<VaultRow?> FindAsync(VaultRowKind kind, Guid id, CancellationToken cancellation);

    /// <summary>A patient's row with its page's, as they stood at one moment; null where there is no such patient.</summary>
    ValueTask<PatientKeyChain?> FindPatientAsync(Guid patient, CancellationToken cancellation);

    /// <summary>As above, by the MAC of an identity.</summary>
    ValueTask<PatientKeyChain?> FindPatientAsync(Mac identity, CancellationToken cancellation);

    /// <summary>A study's row with its patient's and its page's, as they stood at one moment; null where the study has none.</summary>
    ValueTask<StudyKeyChain?> FindStudyAsync(Guid study, CancellationToken cancellation);

    /// <summary>As <see cref="FindStudyAsync"/> for up to 500 studies, in no order; studies without a row are left out.</summary>
    ValueTask<IReadOnlyList<StudyKeyChain>> FindStudiesAsync(IReadOnlyList<Guid> studies, CancellationToken cancellation);

    /// <summary>All rows of a kind, in no order.</summary>
    IAsyncEnumerable<VaultRow> ListAsync(VaultRowKind kind, CancellationToken cancellation);

    /// <summary>The rows of a kind that stand under a parent, in no order.</summary>
    ValueTask<IReadOnlyList<VaultRow>> ListChildrenAsync(VaultRowKind kind, Guid parent, CancellationToken cancellation);

    /// <summary>A page with fewer than <paramref name="limit"/> patients and how many it has; null where there is none.</summary>
    ValueTask<(Guid Page, int Patients)?> FindPageWithRoomAsync(int limit, CancellationToken cancellation);

    /// <summary>True where there is no row at all.</summary>
    ValueTask<bool> IsEmptyAsync(CancellationToken cancellation);

    /// <summary>Applies a commit durably and atomically, as if no other ran beside it: all of it, or nothing.</summary>
    /// <returns>False where one of its conditions does not hold: nothing has changed.</returns>
    /// <exception cref="StorageUnavailableException">Not committed, or uncertain.</exception>
    ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation);
}

public enum VaultRowKind
{
    /// <summary>An epoch of the root key provider; no key, its times sealed. <see cref="VaultRow.Parent"/> is empty.</summary>
    Epoch = 1,

    /// <summary>The page of the service keys; its parent is an epoch.</summary>
    ServicePage = 2,

    /// <summary>A key of the service's own; its parent is the service page.</summary>
    ServiceKey = 3,

    /// <summary>A page of patients; its parent is an epoch.</summary>
    Page = 4,

    /// <summary>A patient; the parent is a page, the look-up the MAC of the identity.</summary>
    Patient = 5,

    /// <summary>A study; its parent is a patient.</summary>
    Study = 6,

    /// <summary>A note of the archive's own; no key, all of it sealed. <see cref="VaultRow.Parent"/> is empty.</summary>
    Note = 7,

    /// <summary>An errand: a report of storage commitment that its peer is to have. Kept as notes are.</summary>
    CommitmentReport = 8,

    /// <summary>An errand: an instance that is to be sent on. Kept as notes are.</summary>
    Forward = 9,
}

/// <summary>A row of the vault: a key wrapped under its parent's. Kind and id are unique together, and so is a look-up within its kind.</summary>
public sealed record VaultRow
{
    public required VaultRowKind Kind { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Goes up by one with each change of the row or of the set of its children: the subject of compare-and-swap.</summary>
    public required long Version { get; init; }

    /// <summary>Names the key itself: another key, another id, though the row be the same.</summary>
    public required Guid KeyId { get; init; }

    public required Guid Parent { get; init; }

    public required byte[] WrappedKey { get; init; }

    public Mac? LookUp { get; init; }

    /// <summary>What the row says beside its key, sealed; empty where it says nothing.</summary>
    public byte[] Sealed { get; init; } = [];

    /// <summary>Kind and id: what names the row.</summary>
    public override string ToString() => $"{Kind} {Id:N}";
}

/// <summary>The wrapped keys from a patient up to its page.</summary>
public sealed record PatientKeyChain(VaultRow Patient, VaultRow Page);

/// <summary>The wrapped keys from a study up to its page.</summary>
public sealed record StudyKeyChain(VaultRow Study, VaultRow Patient, VaultRow Page);

/// <summary>One atomic change of the vault.</summary>
public sealed record VaultCommit
{
    /// <summary>Rows that must be there at this version, and stay as they are.</summary>
    public IReadOnlyList<VaultRow> Required { get; init; } = [];

    /// <summary>Rows that must not be there yet, nor their look-up.</summary>
    public IReadOnlyList<VaultRow> Inserts { get; init; } = [];

    /// <summary>Rows that must be there at the version before the one given; kind and id stay.</summary>
    public IReadOnlyList<VaultRow> Updates { get; init; } = [];

    /// <summary>Rows that must be there at this version.</summary>
    public IReadOnlyList<VaultRow> Deletes { get; init; } = [];
}
