using SecureStore.Grains.Audit;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>An audit log in memory that a test may make fail. As the real one, it takes each event once.</summary>
internal sealed class MemoryAuditLog : IAuditLog
{
    private readonly Lock gate = new();
    private readonly List<AuditEvent> events = [];

    public Func<AuditEvent, Task>? BeforeAppend { get; set; }

    /// <summary>Told of each event once it is recorded.</summary>
    public event Action<AuditEvent>? Appended;

    public IReadOnlyList<AuditEvent> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    public IReadOnlyList<AuditEvent> Of(AuditAction action) => [.. Events.Where(one => one.Action == action)];

    public async ValueTask<long> AppendAsync(AuditEvent auditEvent, CancellationToken cancellation)
    {
        await (BeforeAppend?.Invoke(auditEvent) ?? Task.CompletedTask);
        int index;
        lock (gate)
        {
            index = events.FindIndex(one => one.Id == auditEvent.Id);
            if (index < 0)
            {
                index = events.Count;
                events.Add(auditEvent);
            }
        }

        Appended?.Invoke(auditEvent);
        return index;
    }

    public IAsyncEnumerable<(long Index, AuditEvent Event)> ReadAsync(long from, CancellationToken cancellation) =>
        Events.Select((one, index) => ((long)index, one)).Skip((int)from).ToAsyncEnumerable();

    public ValueTask<(long Size, byte[] RootHash)> HeadAsync(CancellationToken cancellation) => new((Events.Count, []));
}
