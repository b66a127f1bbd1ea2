using System.Runtime.CompilerServices;
using SecureStore.Grains.Storage;

namespace SecureStore.Contracts.Fakes;

/// <summary>A vault store in memory, which tests may look into, tamper with, copy and restore.</summary>
public sealed class InMemoryVaultStore : IVaultStore
{
    private readonly Lock gate = new();
    private Dictionary<(VaultRowKind, Guid), VaultRow> rows = [];

    /// <summary>Runs before a commit is looked at, outside the lock; it may change the store.</summary>
    public Func<VaultCommit, ValueTask>? BeforeCommit { get; set; }

    public int Commits { get; private set; }

    /// <summary>How often a study's key was asked for.</summary>
    public int StudyKeysRead { get; private set; }

    public IReadOnlyList<VaultRow> Rows
    {
        get
        {
            lock (gate)
                return [.. rows.Values];
        }
    }

    public IReadOnlyList<VaultRow> Backup() => Rows;

    public void Restore(IEnumerable<VaultRow> backup)
    {
        lock (gate)
            rows = backup.ToDictionary(row => (row.Kind, row.Id));
    }

    /// <summary>What somebody with write access to the database does.</summary>
    public void Tamper(VaultRow row)
    {
        lock (gate)
            rows[(row.Kind, row.Id)] = row;
    }

    public void Remove(VaultRow row)
    {
        lock (gate)
            rows.Remove((row.Kind, row.Id));
    }

    public ValueTask<VaultRow?> FindAsync(VaultRowKind kind, Guid id, CancellationToken cancellation) => new(Find(kind, id));

    public ValueTask<PatientKeyChain?> FindPatientAsync(Guid patient, CancellationToken cancellation)
    {
        lock (gate)
            return new(Chain(Find(VaultRowKind.Patient, patient)));
    }

    public ValueTask<PatientKeyChain?> FindPatientAsync(Mac identity, CancellationToken cancellation)
    {
        lock (gate)
            return new(Chain(rows.Values.SingleOrDefault(row => row.Kind == VaultRowKind.Patient && row.LookUp == identity)));
    }

    public ValueTask<StudyKeyChain?> FindStudyAsync(Guid study, CancellationToken cancellation)
    {
        lock (gate)
        {
            StudyKeysRead++;
            return new(Find(VaultRowKind.Study, study) is { } row && Chain(Find(VaultRowKind.Patient, row.Parent)) is { } chain
                ? new StudyKeyChain(row, chain.Patient, chain.Page)
                : null);
        }
    }

    public async ValueTask<IReadOnlyList<StudyKeyChain>> FindStudiesAsync(IReadOnlyList<Guid> studies, CancellationToken cancellation)
    {
        var chains = new List<StudyKeyChain>();
        foreach (var study in studies)
            if (await FindStudyAsync(study, cancellation) is { } chain)
                chains.Add(chain);
        return chains;
    }

    public async IAsyncEnumerable<VaultRow> ListAsync(VaultRowKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var row in Rows.Where(row => row.Kind == kind))
            yield return await ValueTask.FromResult(row);
    }

    public ValueTask<IReadOnlyList<VaultRow>> ListChildrenAsync(VaultRowKind kind, Guid parent, CancellationToken cancellation) =>
        new([.. Rows.Where(row => row.Kind == kind && row.Parent == parent)]);

    public ValueTask<(Guid Page, int Patients)?> FindPageWithRoomAsync(int limit, CancellationToken cancellation)
    {
        var patients = Rows.Where(row => row.Kind == VaultRowKind.Patient).CountBy(row => row.Parent).ToDictionary();
        return new(Rows.Where(row => row.Kind == VaultRowKind.Page)
            .Select(row => ((Guid, int)?)(row.Id, patients.GetValueOrDefault(row.Id)))
            .FirstOrDefault(page => page!.Value.Item2 < limit));
    }

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancellation) => new(Rows.Count == 0);

    public async ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation)
    {
        if (BeforeCommit is { } before)
            await before(commit);
        lock (gate)
        {
            var after = new Dictionary<(VaultRowKind, Guid), VaultRow>(rows);
            var holds = commit.Required.All(row => HasVersion(row, row.Version))
                && commit.Updates.All(row => HasVersion(row, row.Version - 1))
                && commit.Deletes.All(row => HasVersion(row, row.Version))
                && commit.Inserts.All(row => !rows.ContainsKey((row.Kind, row.Id)));
            if (!holds)
                return false;
            foreach (var row in commit.Deletes)
                after.Remove((row.Kind, row.Id));
            foreach (var row in commit.Updates.Concat(commit.Inserts))
                after[(row.Kind, row.Id)] = row;
            if (after.Values.Where(row => row.LookUp is not null).GroupBy(row => (row.Kind, row.LookUp)).Any(group => group.Count() > 1))
                return false;
            rows = after;
            Commits++;
            return true;
        }

        bool HasVersion(VaultRow row, long version) => Find(row.Kind, row.Id)?.Version == version;
    }

    private VaultRow? Find(VaultRowKind kind, Guid id)
    {
        lock (gate)
            return rows.GetValueOrDefault((kind, id));
    }

    private PatientKeyChain? Chain(VaultRow? patient) =>
        patient is not null && Find(VaultRowKind.Page, patient.Parent) is { } page ? new PatientKeyChain(patient, page) : null;
}
