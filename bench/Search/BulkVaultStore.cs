using SecureStore.Grains.Storage;

namespace SecureStore.Bench.Search;

/// <summary>
/// A vault store whose new patients and studies stay in memory until they are written in large commits: a commit for each would take an hour for a
/// million studies. One caller at a time; each identity is asked for once.
/// </summary>
internal sealed class BulkVaultStore(IVaultStore store) : IVaultStore
{
    private const int RowsACommit = 5000;

    private readonly Dictionary<(VaultRowKind Kind, Guid Id), VaultRow> rows = [];

    /// <summary>Writes what is held.</summary>
    public async Task WriteAsync()
    {
        foreach (var chunk in rows.Values.OrderBy(row => row.Kind).Chunk(RowsACommit))
        {
            if (!await store.CommitAsync(new VaultCommit { Inserts = chunk }, CancellationToken.None))
            {
                throw new InvalidOperationException("The vault has one of these rows already.");
            }
        }

        rows.Clear();
    }

    public async ValueTask<VaultRow?> FindAsync(VaultRowKind kind, Guid id, CancellationToken cancellation) =>
        Held(kind, id) ?? await store.FindAsync(kind, id, cancellation);

    public ValueTask<PatientKeyChain?> FindPatientAsync(Guid patient, CancellationToken cancellation) => ValueTask.FromResult(Patient(patient));

    public ValueTask<PatientKeyChain?> FindPatientAsync(Mac identity, CancellationToken cancellation) => ValueTask.FromResult<PatientKeyChain?>(null);

    public ValueTask<StudyKeyChain?> FindStudyAsync(Guid study, CancellationToken cancellation) => ValueTask.FromResult(
        Held(VaultRowKind.Study, study) is { } row && Patient(row.Parent) is { } chain ? new StudyKeyChain(row, chain.Patient, chain.Page) : null);

    public ValueTask<IReadOnlyList<StudyKeyChain>> FindStudiesAsync(IReadOnlyList<Guid> studies, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<VaultRow> ListAsync(VaultRowKind kind, CancellationToken cancellation) => store.ListAsync(kind, cancellation);

    public ValueTask<IReadOnlyList<VaultRow>> ListChildrenAsync(VaultRowKind kind, Guid parent, CancellationToken cancellation) =>
        store.ListChildrenAsync(kind, parent, cancellation);

    public ValueTask<(Guid Page, int Patients)?> FindPageWithRoomAsync(int limit, CancellationToken cancellation) =>
        ValueTask.FromResult<(Guid, int)?>(null);

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancellation) => store.IsEmptyAsync(cancellation);

    public async ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation)
    {
        if (!commit.Inserts.All(row => row.Kind is VaultRowKind.Page or VaultRowKind.Patient or VaultRowKind.Study))
        {
            return await store.CommitAsync(commit, cancellation);
        }

        foreach (var row in commit.Inserts.Concat(commit.Updates))
        {
            rows[(row.Kind, row.Id)] = row;
        }

        return true;
    }

    private PatientKeyChain? Patient(Guid id) =>
        Held(VaultRowKind.Patient, id) is { } patient && Held(VaultRowKind.Page, patient.Parent) is { } page ? new PatientKeyChain(patient, page) : null;

    private VaultRow? Held(VaultRowKind kind, Guid id) => rows.GetValueOrDefault((kind, id));
}
