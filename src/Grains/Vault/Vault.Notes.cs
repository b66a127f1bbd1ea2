using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Notes: small texts that the archive keeps for itself, sealed, each under an id. They stand in the vault's database because that is not
/// the one whose state they speak of.
/// </summary>
public sealed partial class Vault
{
    /// <summary>A note's text, or null where there is none.</summary>
    /// <exception cref="VaultIntegrityException">The row is damaged or stands in another's place.</exception>
    public async ValueTask<byte[]?> ReadNoteAsync(Guid id, CancellationToken cancellation) =>
        await store.FindAsync(VaultRowKind.Note, id, cancellation) is { } row ? OpenText(row) : null;

    /// <summary>
    /// Changes a note durably: <paramref name="change"/> gets its text (null: there is none) and gives the text it is to have (null: none).
    /// It is called again where others changed the note in the meantime.
    /// </summary>
    public ValueTask ChangeNoteAsync(Guid id, Func<byte[]?, byte[]?> change, CancellationToken cancellation) =>
        ChangeTextAsync(VaultRowKind.Note, id, change, cancellation);

    /// <summary>All notes, in no order.</summary>
    public IAsyncEnumerable<(Guid Id, byte[] Text)> NotesAsync(CancellationToken cancellation) =>
        store.ListAsync(VaultRowKind.Note, cancellation).Select(row => (row.Id, OpenText(row)));

    /// <summary>Adds, changes or takes away an errand: something that the archive has promised to do and has not done.</summary>
    /// <inheritdoc cref="ChangeNoteAsync"/>
    public ValueTask ChangeErrandAsync(VaultRowKind kind, Guid id, Func<byte[]?, byte[]?> change, CancellationToken cancellation) =>
        ChangeTextAsync(kind, id, change, cancellation);

    /// <summary>All errands of a kind, in no order. One whose row is damaged stops no other: it says so.</summary>
    public IAsyncEnumerable<Errand> ErrandsAsync(VaultRowKind kind, CancellationToken cancellation) =>
        store.ListAsync(kind, cancellation).Select(row => new Errand(row.Id, row.Version, TextOrNone(row)));

    /// <summary>Gives errands new texts, all of them or none, where each is as it was read.</summary>
    /// <returns>The errands as they are now; null where one of them was changed or is gone: nothing was done.</returns>
    public async ValueTask<IReadOnlyList<Errand>?> UpdateErrandsAsync(VaultRowKind kind, IReadOnlyCollection<Errand> errands, CancellationToken cancellation)
    {
        if (errands.Count == 0)
            return [];
        Errand[] next = [.. errands.Select(errand => errand with { Version = errand.Version + 1 })];
        var rows = next.Select(errand => SealText(NewText(kind, errand.Id) with { Version = errand.Version }, errand.Text));
        return await store.CommitAsync(new VaultCommit { Updates = [.. rows] }, cancellation) ? next : null;
    }

    /// <summary>Takes errands away, all of them or none, where each is as it was read.</summary>
    /// <returns>False where one of them was changed or is gone.</returns>
    public async ValueTask<bool> RemoveErrandsAsync(VaultRowKind kind, IReadOnlyCollection<Errand> errands, CancellationToken cancellation) =>
        errands.Count == 0
        || await store.CommitAsync(new VaultCommit { Deletes = [.. errands.Select(errand => NewText(kind, errand.Id) with { Version = errand.Version })] }, cancellation);

    private async ValueTask ChangeTextAsync(VaultRowKind kind, Guid id, Func<byte[]?, byte[]?> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        await RetryAsync<bool>(async () =>
        {
            var row = await store.FindAsync(kind, id, cancellation);
            var before = row is null ? null : OpenText(row);
            var after = change(before);
            if (ReferenceEquals(before, after))
                return true;
            VaultCommit commit;
            if (after is null)
                commit = new VaultCommit { Deletes = [row!] };
            else if (row is null)
                commit = new VaultCommit { Inserts = [SealText(NewText(kind, id), after)] };
            else
                commit = new VaultCommit { Updates = [SealText(row.Next(), after)] };
            return await store.CommitAsync(commit, cancellation) ? true : null;
        });
    }

    private byte[] TextOrNone(VaultRow row)
    {
        try
        {
            return OpenText(row);
        }
        catch (VaultIntegrityException)
        {
            return [];
        }
    }

    private static VaultRow NewText(VaultRowKind kind, Guid id) =>
        new() { Kind = kind, Id = id, Version = 1, KeyId = id, Parent = Guid.Empty, WrappedKey = [] };

    private VaultRow SealText(VaultRow row, byte[] text) =>
        row with { Sealed = RowSealer.Seal(ServiceKey(ServiceKeyName.Epochs), TextContext(row), text) };

    private byte[] OpenText(VaultRow row) => RowSealer.Open(ServiceKey(ServiceKeyName.Epochs), TextContext(row), row.Sealed);

    private static byte[] TextContext(VaultRow row) => RowContext.Of(
        row.Kind switch
        {
            VaultRowKind.Note => "note",
            VaultRowKind.CommitmentReport => "commitment report",
            VaultRowKind.Forward => "forward",
            _ => throw new ArgumentException("Rows of that kind hold no text."),
        },
        row.Id, default, row.Version);
}

/// <summary>An errand as it was read; it has no text where its row does not open.</summary>
public sealed record Errand(Guid Id, long Version, byte[] Text)
{
    public bool IsDamaged => Text.Length == 0;

    public override string ToString() => nameof(Errand);
}
