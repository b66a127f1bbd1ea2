using System.Buffers.Binary;
using System.Security.Cryptography;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Audit;

/// <summary>
/// Seals and opens single entries (docs/audit-log.md): each under a key of its own, so that one can be opened to a court by
/// giving away its key, and committed to that key, so that no other key opens it to something else.
/// </summary>
public static class AuditEntrySealer
{
    /// <summary>Events are padded to a multiple of this many bytes.</summary>
    public const int Padding = 256;

    /// <summary>The longest sealed entry: what an entry bundle can hold (C2SP tlog-tiles: a 16-bit length).</summary>
    public const int MaxSize = ushort.MaxValue;

    private const byte FormatVersion = 1;
    private const int MonthOffset = 1;
    private const int SaltOffset = MonthOffset + 4;
    private const int SaltSize = 32;
    private const int CommitmentOffset = SaltOffset + SaltSize;
    private const int CommitmentSize = 32;
    private const int BodyOffset = CommitmentOffset + CommitmentSize;
    private const int LengthSize = 4;
    private const int TagSize = 16;

    private static ReadOnlySpan<byte> MonthInfo => "SecureStore audit month v1"u8;

    private static ReadOnlySpan<byte> EntryInfo => "SecureStore audit entry v1"u8;

    private static ReadOnlySpan<byte> CipherInfo => "SecureStore audit cipher v1"u8;

    private static ReadOnlySpan<byte> CommitmentInfo => "SecureStore audit commitment v1"u8;

    /// <summary>Under a fixed nonce, for each key seals one entry only.</summary>
    private static ReadOnlySpan<byte> Nonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Seals an event under the month (UTC) of its time.</summary>
    /// <exception cref="ArgumentException">The event is too long for an entry.</exception>
    public static byte[] Seal(SecretKey auditKey, AuditEvent auditEvent)
    {
        ArgumentNullException.ThrowIfNull(auditEvent);
        var plain = AuditEventJson.Write(auditEvent);
        var padded = (LengthSize + plain.Length + Padding - 1) / Padding * Padding;
        if (BodyOffset + padded + TagSize > MaxSize)
            throw new ArgumentException("The event is too long for an entry of the audit log.", nameof(auditEvent));

        var entry = new byte[BodyOffset + padded + TagSize];
        entry[0] = FormatVersion;
        var time = auditEvent.Time.UtcDateTime;
        BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(MonthOffset), time.Year * 12 + time.Month - 1);
        RandomNumberGenerator.Fill(entry.AsSpan(SaltOffset, SaltSize));
        using var key = EntryKey(auditKey, entry);
        Commit(key, entry, entry.AsSpan(CommitmentOffset, CommitmentSize));

        var body = entry.AsSpan(BodyOffset, padded);
        BinaryPrimitives.WriteInt32BigEndian(body, plain.Length);
        plain.CopyTo(body[LengthSize..]);
        CryptographicOperations.ZeroMemory(plain);
        using var cipherKey = SecretKey.Derive(key, CipherInfo);
        using var cipher = new AesGcm(cipherKey.Span, TagSize);
        cipher.Encrypt(Nonce, body, body, entry.AsSpan(BodyOffset + padded), entry.AsSpan(0, BodyOffset));
        return entry;
    }

    /// <exception cref="AuditLogDamagedException">The entry is damaged, or sealed under another key.</exception>
    public static AuditEvent Open(SecretKey auditKey, ReadOnlySpan<byte> entry)
    {
        EnsureForm(entry);
        using var key = EntryKey(auditKey, entry);
        return OpenWith(key, entry);
    }

    /// <summary>The key of one entry, which opens that entry and no other.</summary>
    /// <exception cref="AuditLogDamagedException">It is no entry of a version that is known.</exception>
    public static SecretKey KeyOf(SecretKey auditKey, ReadOnlySpan<byte> entry)
    {
        EnsureForm(entry);
        return EntryKey(auditKey, entry);
    }

    /// <summary>Opens an entry with its own key.</summary>
    /// <exception cref="AuditLogDamagedException">The entry is damaged, or the key is another's.</exception>
    public static AuditEvent OpenWith(SecretKey entryKey, ReadOnlySpan<byte> entry)
    {
        EnsureForm(entry);
        Span<byte> commitment = stackalloc byte[CommitmentSize];
        Commit(entryKey, entry, commitment);
        if (!CryptographicOperations.FixedTimeEquals(commitment, entry.Slice(CommitmentOffset, CommitmentSize)))
            throw new AuditLogDamagedException("An entry of the audit log is damaged, or was not sealed under this key.");

        var body = new byte[entry.Length - BodyOffset - TagSize];
        try
        {
            using var cipherKey = SecretKey.Derive(entryKey, CipherInfo);
            using var cipher = new AesGcm(cipherKey.Span, TagSize);
            cipher.Decrypt(Nonce, entry[BodyOffset..^TagSize], entry[^TagSize..], body, entry[..BodyOffset]);
            var length = BinaryPrimitives.ReadInt32BigEndian(body);
            if (length < 0 || length > body.Length - LengthSize)
                throw new AuditLogDamagedException("An entry of the audit log does not hold what it says.");
            return AuditEventJson.Read(body.AsSpan(LengthSize, length));
        }
        catch (Exception exception) when (exception is AuthenticationTagMismatchException or FormatException)
        {
            throw new AuditLogDamagedException("An entry of the audit log is damaged.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    private static void EnsureForm(ReadOnlySpan<byte> entry)
    {
        var padded = entry.Length - BodyOffset - TagSize;
        if (entry.Length > MaxSize || padded < Padding || padded % Padding != 0 || entry[0] != FormatVersion)
            throw new AuditLogDamagedException("An entry of the audit log is cut off or of a version that is not known.");
    }

    private static SecretKey EntryKey(SecretKey auditKey, ReadOnlySpan<byte> entry)
    {
        using var monthKey = SecretKey.Derive(auditKey, [.. MonthInfo, .. entry.Slice(MonthOffset, SaltOffset - MonthOffset)]);
        return SecretKey.Derive(monthKey, entry.Slice(SaltOffset, SaltSize), EntryInfo);
    }

    /// <summary>Binds the entry to its key: a MAC over all that stands before the commitment, under a key of its own.</summary>
    private static void Commit(SecretKey entryKey, ReadOnlySpan<byte> entry, Span<byte> commitment)
    {
        using var commitmentKey = SecretKey.Derive(entryKey, CommitmentInfo);
        HMACSHA256.HashData(commitmentKey.Span, entry[..CommitmentOffset], commitment);
    }
}
