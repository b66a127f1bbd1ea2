using System.Buffers.Binary;
using System.Security.Cryptography;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Audit;

/// <summary>
/// The keyed part of the log: seals events, and binds rows to their places and heads to their trees, so that whoever can
/// write the database can neither move an entry nor make a head that fits what is left.
/// </summary>
internal sealed class AuditSeals(SecretKey auditKey) : IDisposable
{
    private readonly SecretKey entries = SecretKey.Derive(auditKey, "SecureStore audit entries v1"u8);
    private readonly SecretKey places = SecretKey.Derive(auditKey, "SecureStore audit places v1"u8);
    private readonly SecretKey heads = SecretKey.Derive(auditKey, "SecureStore audit heads v1"u8);

    public byte[] Seal(AuditEvent auditEvent) => AuditEntrySealer.Seal(entries, auditEvent);

    public AuditRow Row(long index, Guid eventId, byte[] sealedEntry) =>
        new(index, eventId, sealedEntry, MacOf(index, eventId, MerkleTree.LeafHash(sealedEntry)));

    public AuditHead Head(MerkleTree tree) => new(tree.Size, tree.Frontier(), MacOf(tree.Size, tree.Frontier()));

    /// <summary>The tree of a head.</summary>
    /// <exception cref="AuditLogDamagedException">This log did not make the head.</exception>
    public MerkleTree Tree(AuditHead head)
    {
        if (head.Size < 0 || !CryptographicOperations.FixedTimeEquals(head.Mac, MacOf(head.Size, head.Frontier)))
            throw new AuditLogDamagedException("The head of the audit log is damaged, or was made under another key.");
        return new(head.Size, head.Frontier);
    }

    /// <summary>The leaf hash of a row that stands where it should.</summary>
    /// <exception cref="AuditLogDamagedException">It does not, or it is damaged.</exception>
    public byte[] Check(AuditRow row, long index)
    {
        var leaf = MerkleTree.LeafHash(row.Sealed);
        if (row.Index != index || !CryptographicOperations.FixedTimeEquals(row.Mac, MacOf(index, row.EventId, leaf)))
            throw new AuditLogDamagedException($"Entry {index} of the audit log is missing, damaged or out of its place.");
        return leaf;
    }

    /// <exception cref="AuditLogDamagedException">The entry does not open, or holds another event than its row says.</exception>
    public AuditEvent Open(AuditRow row) =>
        AuditEntrySealer.Open(entries, row.Sealed) is var opened && opened.Id == row.EventId
            ? opened
            : throw new AuditLogDamagedException($"Entry {row.Index} of the audit log holds another event than its row says.");

    public void Dispose()
    {
        entries.Dispose();
        places.Dispose();
        heads.Dispose();
    }

    private byte[] MacOf(long index, Guid eventId, ReadOnlySpan<byte> leaf)
    {
        Span<byte> data = stackalloc byte[8 + 16 + MerkleTree.HashSize];
        BinaryPrimitives.WriteInt64BigEndian(data, index);
        eventId.TryWriteBytes(data[8..], bigEndian: true, out _);
        leaf.CopyTo(data[24..]);
        return HMACSHA256.HashData(places.Span, data);
    }

    private byte[] MacOf(long size, ReadOnlySpan<byte> frontier)
    {
        Span<byte> data = stackalloc byte[8 + 64 * MerkleTree.HashSize];
        if (frontier.Length > data.Length - 8)
            return new byte[32];
        BinaryPrimitives.WriteInt64BigEndian(data, size);
        frontier.CopyTo(data[8..]);
        return HMACSHA256.HashData(heads.Span, data[..(8 + frontier.Length)]);
    }
}
