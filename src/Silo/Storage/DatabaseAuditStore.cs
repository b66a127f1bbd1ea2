using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>What is common to the audit stores in a database.</summary>
public abstract class DatabaseAuditStore : IAuditStore
{
    private const int PageSize = 256;

    private protected DatabaseAuditStore()
    {
    }

    public ValueTask<AuditHead?> HeadAsync(CancellationToken cancellation) => ReadAsync(
        async database => await database.Heads.SingleOrDefaultAsync(cancellation) is { } head
            ? new AuditHead(head.Size, head.Frontier, head.Mac)
            : null,
        cancellation);

    public abstract ValueTask<bool> AppendAsync(AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows, CancellationToken cancellation);

    public virtual ValueTask<IReadOnlyDictionary<Guid, long>> FindAsync(IReadOnlyCollection<Guid> eventIds, CancellationToken cancellation) => ReadAsync(
        async database => (IReadOnlyDictionary<Guid, long>)await database.Entries
            .Where(entry => EF.Parameter(eventIds).Contains(entry.EventId))
            .Select(entry => new { entry.EventId, entry.Index })
            .ToDictionaryAsync(entry => entry.EventId, entry => entry.Index, cancellation),
        cancellation);

    public async IAsyncEnumerable<AuditRow> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var start = from;
            var page = await ReadAsync(
                database => database.Entries.Where(entry => entry.Index >= start).OrderBy(entry => entry.Index).Take(PageSize).ToListAsync(cancellation),
                cancellation);
            foreach (var row in page)
                yield return row;
            if (page.Count < PageSize)
                yield break;
            from = page[^1].Index + 1;
        }
    }

    /// <summary>Reads from a context of its own.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be read for now.</exception>
    private protected abstract ValueTask<T> ReadAsync<T>(Func<AuditDbContext, Task<T>> read, CancellationToken cancellation);
}
