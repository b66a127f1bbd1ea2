using System.Text.Json;
using SecureStore.Grains.Audit;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// What the vault remembers of the audit log and the catalog, so that a start notices which of the three came from an older backup.
/// </summary>
/// <param name="Size">The log's newest head that was seen: its number of entries,</param>
/// <param name="Frontier">its frontier,</param>
/// <param name="Mac">and its MAC.</param>
/// <param name="ReplayFrom">Destructions recorded before this entry are in a catalog that has <paramref name="CatalogChange"/>.</param>
/// <param name="CatalogChange">A change number that the catalog has reached.</param>
public sealed record LogMark(long Size, byte[] Frontier, byte[] Mac, long ReplayFrom, long CatalogChange)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public AuditHead Head => new(Size, Frontier, Mac);

    public static LogMark Of(AuditHead head, long replayFrom, long catalogChange) => new(head.Size, head.Frontier, head.Mac, replayFrom, catalogChange);

    /// <summary>The mark, or null where an archive has never made one.</summary>
    public static async ValueTask<LogMark?> ReadAsync(Vault.Vault vault, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return Read(await vault.ReadNoteAsync(NoteIds.LogMark, cancellation));
    }

    /// <summary>Makes it the mark, whatever the mark was.</summary>
    public ValueTask WriteAsync(Vault.Vault vault, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vault);
        var text = Text();
        return vault.ChangeNoteAsync(NoteIds.LogMark, _ => text, cancellation);
    }

    /// <summary>Makes it the mark unless the mark is further already: several silos keep it.</summary>
    public ValueTask AdvanceAsync(Vault.Vault vault, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vault);
        var text = Text();
        return vault.ChangeNoteAsync(
            NoteIds.LogMark, before => Read(before) is { } mark && (mark.Size > Size || mark.ReplayFrom > ReplayFrom) ? before : text, cancellation);
    }

    private static LogMark? Read(byte[]? text) => text is null ? null : JsonSerializer.Deserialize(text, IntegrityJson.Default.LogMark);

    private byte[] Text() => JsonSerializer.SerializeToUtf8Bytes(this, IntegrityJson.Default.LogMark);
}
