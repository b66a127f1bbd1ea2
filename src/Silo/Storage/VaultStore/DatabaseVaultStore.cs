using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>What is common to the vault stores in a database.</summary>
public abstract class DatabaseVaultStore : IVaultStore
{
    private readonly VaultQueries queries;

    private protected DatabaseVaultStore(VaultQueries queries) => this.queries = queries;

    public async ValueTask<VaultRow?> FindAsync(VaultRowKind kind, Guid id, CancellationToken cancellation) =>
        (await ReadAsync(vault => queries.Find(vault, kind, id), cancellation))?.ToRow();

    public async ValueTask<PatientKeyChain?> FindPatientAsync(Guid patient, CancellationToken cancellation) =>
        (await ReadAsync(vault => queries.FindPatient(vault, patient), cancellation))?.ToChain();

    public async ValueTask<PatientKeyChain?> FindPatientAsync(Mac identity, CancellationToken cancellation) =>
        (await ReadAsync(vault => queries.FindIdentity(vault, identity.ToArray()), cancellation))?.ToChain();

    public async ValueTask<StudyKeyChain?> FindStudyAsync(Guid study, CancellationToken cancellation) =>
        (await ReadAsync(vault => queries.FindStudy(vault, study), cancellation))?.ToChain();

    public async ValueTask<IReadOnlyList<StudyKeyChain>> FindStudiesAsync(IReadOnlyList<Guid> studies, CancellationToken cancellation)
    {
        var chains = await ReadAsync(
            vault => VaultQueries.Studies(vault).Where(chain => studies.Contains(chain.Study.Id)).ToListAsync(cancellation), cancellation);
        return chains.ConvertAll(chain => chain.ToChain());
    }

    public async IAsyncEnumerable<VaultRow> ListAsync(VaultRowKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const int slice = 1000;
        var after = Guid.Empty;
        while (true)
        {
            var rows = await ReadAsync(vault => NextOf(vault, kind, after, slice).ToListAsync(cancellation), cancellation);
            foreach (var row in rows)
                yield return row.ToRow();
            if (rows.Count < slice)
                yield break;
            after = rows[^1].Id;
        }
    }

    public async ValueTask<IReadOnlyList<VaultRow>> ListChildrenAsync(VaultRowKind kind, Guid parent, CancellationToken cancellation)
    {
        var rows = await ReadAsync(
            vault => vault.Keys.Where(row => row.Parent == parent && row.Kind == kind).ToListAsync(cancellation), cancellation);
        return rows.ConvertAll(row => row.ToRow());
    }

    public async ValueTask<(Guid Page, int Patients)?> FindPageWithRoomAsync(int limit, CancellationToken cancellation)
    {
        var found = await ReadAsync(
            vault => vault.Keys.Where(page => page.Kind == VaultRowKind.Page)
                .Select(page => new { page.Id, Patients = vault.Keys.Count(row => row.Parent == page.Id && row.Kind == VaultRowKind.Patient) })
                .FirstOrDefaultAsync(page => page.Patients < limit, cancellation),
            cancellation);
        return found is null ? null : (found.Id, found.Patients);
    }

    public async ValueTask<bool> IsEmptyAsync(CancellationToken cancellation) =>
        !await ReadAsync(vault => vault.Keys.AnyAsync(cancellation), cancellation);

    public abstract ValueTask<bool> CommitAsync(VaultCommit commit, CancellationToken cancellation);

    /// <summary>Reads from a context of its own.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be read for now.</exception>
    private protected abstract ValueTask<T> ReadAsync<T>(Func<VaultDbContext, Task<T>> read, CancellationToken cancellation);

    private static IQueryable<VaultEntity> NextOf(VaultDbContext vault, VaultRowKind kind, Guid after, int count) =>
        vault.Keys.Where(row => row.Kind == kind && row.Id.CompareTo(after) > 0).OrderBy(row => row.Id).Take(count);
}
