namespace SecureStore.Grains.Audit;

/// <summary>The log's head: its size and its tree's frontier (<see cref="MerkleTree.Frontier"/>), with a MAC by the log over both.</summary>
public sealed record AuditHead(long Size, byte[] Frontier, byte[] Mac);

/// <summary>An entry at its place: the event's id, the sealed event, and a MAC by the log over place and leaf hash.</summary>
public sealed record AuditRow(long Index, Guid EventId, byte[] Sealed, byte[] Mac);

/// <summary>
/// Keeps the audit log's rows. It understands nothing of them but their order: whatever it loses or changes, the log notices.
/// </summary>
public interface IAuditStore
{
    /// <summary>The head, or null where there has never been one.</summary>
    /// <exception cref="Storage.StorageUnavailableException">It cannot be read for now.</exception>
    ValueTask<AuditHead?> HeadAsync(CancellationToken cancellation);

    /// <summary>
    /// In one durable transaction: where the stored head is <paramref name="expected"/> (the same size and MAC; null: there is
    /// none), <paramref name="next"/> takes its place and the rows are added. Otherwise nothing happens.
    /// </summary>
    /// <returns>False where the head is another.</returns>
    /// <exception cref="Storage.StorageUnavailableException">Not stored, or uncertain; an index or event id that is there already is an error too.</exception>
    ValueTask<bool> AppendAsync(AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows, CancellationToken cancellation);

    /// <summary>The indexes of those of the events that are in the log.</summary>
    ValueTask<IReadOnlyDictionary<Guid, long>> FindAsync(IReadOnlyCollection<Guid> eventIds, CancellationToken cancellation);

    /// <summary>The rows from an index on, ascending, as far as there are any.</summary>
    IAsyncEnumerable<AuditRow> ReadAsync(long from, CancellationToken cancellation);
}
