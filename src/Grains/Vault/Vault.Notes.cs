using System.Runtime.CompilerServices;
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
        await store.FindAsync(VaultRowKind.Note, id, cancellation) is { } row ? OpenNote(row) : null;

    /// <summary>
    /// Changes a note durably: <paramref name="change"/> gets its text (null: there is none) and gives the text it is to have (null: none).
    /// It is called again where others changed the note in the meantime.
    /// </summary>
    public async ValueTask ChangeNoteAsync(Guid id, Func<byte[]?, byte[]?> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        await RetryAsync<bool>(async () =>
        {
            var row = await store.FindAsync(VaultRowKind.Note, id, cancellation);
            var before = row is null ? null : OpenNote(row);
            var after = change(before);
            if (ReferenceEquals(before, after))
                return true;
            VaultCommit commit;
            if (after is null)
                commit = new VaultCommit { Deletes = [row!] };
            else if (row is null)
                commit = new VaultCommit { Inserts = [SealNote(NewNote(id), after)] };
            else
                commit = new VaultCommit { Updates = [SealNote(row.Next(), after)] };
            return await store.CommitAsync(commit, cancellation) ? true : null;
        });
    }

    /// <summary>All notes, in no order.</summary>
    public async IAsyncEnumerable<(Guid Id, byte[] Text)> NotesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in store.ListAsync(VaultRowKind.Note, cancellation))
            yield return (row.Id, OpenNote(row));
    }

    private static VaultRow NewNote(Guid id) =>
        new() { Kind = VaultRowKind.Note, Id = id, Version = 1, KeyId = id, Parent = Guid.Empty, WrappedKey = [] };

    private VaultRow SealNote(VaultRow row, byte[] text) =>
        row with { Sealed = RowSealer.Seal(ServiceKey(ServiceKeyName.Epochs), NoteContext(row), text) };

    private byte[] OpenNote(VaultRow row) => RowSealer.Open(ServiceKey(ServiceKeyName.Epochs), NoteContext(row), row.Sealed);

    private static byte[] NoteContext(VaultRow row) => RowContext.Of("note", row.Id, default, row.Version);
}
