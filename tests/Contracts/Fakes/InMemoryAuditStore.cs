using System.Runtime.CompilerServices;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;

namespace SecureStore.Contracts.Fakes;

/// <summary>An <see cref="IAuditStore"/> in memory, whose rows tests may change behind the log's back.</summary>
public sealed class InMemoryAuditStore : IAuditStore
{
    private readonly Lock gate = new();

    public List<AuditRow> Rows { get; } = [];

    public AuditHead? Head { get; set; }

    /// <summary>Number of transactions that stored something.</summary>
    public int Commits { get; private set; }

    /// <summary>Called before each append; may throw.</summary>
    public Func<Task>? BeforeAppend { get; set; }

    /// <summary>Called after each append that was stored; may throw, as if the answer got lost.</summary>
    public Action? AfterAppend { get; set; }

    public ValueTask<AuditHead?> HeadAsync(CancellationToken cancellation)
    {
        lock (gate)
            return new(Head);
    }

    public async ValueTask<bool> AppendAsync(AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows, CancellationToken cancellation)
    {
        if (BeforeAppend is not null)
            await BeforeAppend();
        lock (gate)
        {
            if (Head?.Size != expected?.Size || (Head is not null && !Head.Mac.AsSpan().SequenceEqual(expected!.Mac)))
                return false;
            if (rows.Any(row => Rows.Any(there => there.EventId == row.EventId || there.Index == row.Index)))
                throw new StorageUnavailableException("An entry is there already.");
            Rows.AddRange(rows);
            Head = next;
            Commits++;
        }

        AfterAppend?.Invoke();
        return true;
    }

    public ValueTask<IReadOnlyDictionary<Guid, long>> FindAsync(IReadOnlyCollection<Guid> eventIds, CancellationToken cancellation)
    {
        lock (gate)
            return new(Rows.Where(row => eventIds.Contains(row.EventId)).ToDictionary(row => row.EventId, row => row.Index));
    }

    public async IAsyncEnumerable<AuditRow> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<AuditRow> rows;
        lock (gate)
            rows = [.. Rows.Where(row => row.Index >= from).OrderBy(row => row.Index)];
        await Task.CompletedTask;
        foreach (var row in rows)
            yield return row;
    }
}
