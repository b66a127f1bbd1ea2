using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Seals database rows, docs/keys.md: AES-256-GCM under a key of the row's own, which HKDF-SHA-256 makes from the given key
/// and a random salt. A row opens only with the context it was sealed for (<see cref="RowContext"/>), and its length
/// is rounded up, so that it says little.
/// </summary>
public static class RowSealer
{
    /// <summary>Rows are padded to a multiple of this many bytes.</summary>
    public const int Padding = 256;

    private const byte FormatVersion = 1;
    private const int SaltSize = 16;
    private const int LengthSize = 4;
    private const int TagSize = 16;
    private const int Overhead = 1 + SaltSize + TagSize;

    private static ReadOnlySpan<byte> Info => "SecureStore sealed row v1"u8;

    /// <summary>Under a fixed nonce, for each key seals one row only.</summary>
    private static ReadOnlySpan<byte> Nonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static byte[] Seal(SecretKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plain)
    {
        var padded = checked((LengthSize + plain.Length + Padding - 1) / Padding * Padding);
        var row = new byte[Overhead + padded];
        row[0] = FormatVersion;
        var salt = row.AsSpan(1, SaltSize);
        RandomNumberGenerator.Fill(salt);
        var body = row.AsSpan(1 + SaltSize, padded);
        BinaryPrimitives.WriteInt32LittleEndian(body, plain.Length);
        plain.CopyTo(body[LengthSize..]);
        using var rowKey = SecretKey.Derive(key, salt, Info);
        using var cipher = new AesGcm(rowKey.Span, TagSize);
        cipher.Encrypt(Nonce, body, body, row.AsSpan(1 + SaltSize + padded), context);
        return row;
    }

    /// <exception cref="VaultIntegrityException">The row is damaged, or was sealed under another key or for another context.</exception>
    public static byte[] Open(SecretKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> row)
    {
        var padded = row.Length - Overhead;
        if (padded < Padding || padded % Padding != 0 || row[0] != FormatVersion)
            throw new VaultIntegrityException("A sealed row is cut off or of a version that is not known.");
        var buffer = ArrayPool<byte>.Shared.Rent(padded);
        var body = buffer.AsSpan(0, padded);
        try
        {
            using var rowKey = SecretKey.Derive(key, row.Slice(1, SaltSize), Info);
            using var cipher = new AesGcm(rowKey.Span, TagSize);
            cipher.Decrypt(Nonce, row.Slice(1 + SaltSize, padded), row[^TagSize..], body, context);
            var length = BinaryPrimitives.ReadInt32LittleEndian(body);
            if (length < 0 || length > padded - LengthSize)
                throw new VaultIntegrityException("A sealed row does not hold what it says.");
            return body.Slice(LengthSize, length).ToArray();
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new VaultIntegrityException("A sealed row is damaged or stands in another's place.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
