namespace SecureStore.Grains.Audit;

/// <summary>The audit log: append only. An event counts as recorded when <see cref="AppendAsync"/> has returned, and not before.</summary>
public interface IAuditLog
{
    /// <summary>Appends durably (group commit with whatever else waits). An event whose id the log has already is not added again.</summary>
    /// <returns>The entry's index in the log, from 0.</returns>
    /// <exception cref="Storage.StorageUnavailableException">Not recorded, or uncertain: what depends on the record must not happen.</exception>
    ValueTask<long> AppendAsync(AuditEvent auditEvent, CancellationToken cancellation);

    /// <summary>Opens entries in order from an index on, checking each against its leaf hash.</summary>
    IAsyncEnumerable<(long Index, AuditEvent Event)> ReadAsync(long from, CancellationToken cancellation);

    /// <summary>Number of entries and the root hash over them (RFC 6962 2.1).</summary>
    ValueTask<(long Size, byte[] RootHash)> HeadAsync(CancellationToken cancellation);
}
