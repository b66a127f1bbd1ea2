using System.Runtime.CompilerServices;
using System.Text.Json;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// What is damaged and cannot be repaired: known, out of the way of what is whole, and kept as it is. One note a study in the vault.
/// </summary>
internal sealed class Quarantine(Vault.Vault vault)
{
    public async ValueTask<IReadOnlyList<QuarantineEntry>> EntriesAsync(StudyHandle study, CancellationToken cancellation) =>
        Read(await vault.ReadNoteAsync(study.Value, cancellation)).Entries;

    /// <summary>Adds what is not there yet.</summary>
    public ValueTask AddAsync(StudyHandle study, IReadOnlyCollection<QuarantineEntry> entries, CancellationToken cancellation) =>
        vault.ChangeNoteAsync(
            study.Value,
            text =>
            {
                var known = Read(text).Entries;
                QuarantineEntry[] added = [.. entries.Where(entry => !known.Any(entry.IsOf))];
                return added.Length == 0 ? text : Write(new QuarantineNote([.. known, .. added]));
            },
            cancellation);

    /// <summary>Takes out what has turned out to be whole again.</summary>
    public ValueTask ReleaseAsync(StudyHandle study, DamageKind kind, CancellationToken cancellation) =>
        vault.ChangeNoteAsync(
            study.Value,
            text =>
            {
                QuarantineEntry[] left = [.. Read(text).Entries.Where(entry => entry.Kind != kind)];
                return left.Length == 0 ? null : Write(new QuarantineNote(left));
            },
            cancellation);

    public async IAsyncEnumerable<(StudyHandle Study, QuarantineEntry Entry)> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (id, text) in vault.NotesAsync(cancellation))
        {
            if (NoteIds.IsOfStudy(id))
            {
                foreach (var entry in Read(text).Entries)
                {
                    yield return (new StudyHandle(id), entry);
                }
            }
        }
    }

    private static QuarantineNote Read(byte[]? text) =>
        text is null ? new QuarantineNote([]) : JsonSerializer.Deserialize(text, IntegrityJson.Default.QuarantineNote)!;

    private static byte[] Write(QuarantineNote note) => JsonSerializer.SerializeToUtf8Bytes(note, IntegrityJson.Default.QuarantineNote);
}

/// <summary>Something in quarantine.</summary>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Since">When it was found.</param>
internal sealed record QuarantineEntry(DamageKind Kind, DateTimeOffset Since)
{
    /// <summary>The MAC of the SOP Instance UID in hexadecimal digits, where it is of one instance.</summary>
    public string? Instance { get; init; }

    /// <summary>The sealed row as it was found, where it was taken out of the catalog.</summary>
    public byte[]? Row { get; init; }

    /// <summary>True where the damaged thing still stands in its place.</summary>
    public bool InPlace => Row is null;

    public static QuarantineEntry OfRow(DamageKind kind, DateTimeOffset since, InstanceRow row) =>
        new(kind, since) { Instance = Convert.ToHexString(row.SopInstanceUid.Bytes.Span), Row = row.SealedRecord };

    public bool IsOf(QuarantineEntry other) =>
        Kind == other.Kind && Instance == other.Instance && (Row ?? []).AsSpan().SequenceEqual(other.Row ?? []);

    public override string ToString() => $"{Kind}";
}

internal sealed record QuarantineNote(IReadOnlyList<QuarantineEntry> Entries);
