using System.Security.Cryptography;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Wraps a key under another by AES-256-GCM with a random nonce: nonce (12 bytes), ciphertext (32), tag (16). A wrapped key
/// opens only with the context it was wrapped for.
/// </summary>
public static class KeyWrap
{
    /// <summary>Length of a wrapped key in bytes.</summary>
    public const int Size = NonceSize + SecretKey.Size + TagSize;

    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static void Wrap(SecretKey wrapping, ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, Span<byte> wrapped)
    {
        ArgumentNullException.ThrowIfNull(wrapping);
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, SecretKey.Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(wrapped.Length, Size);
        RandomNumberGenerator.Fill(wrapped[..NonceSize]);
        using var cipher = new AesGcm(wrapping.Span, TagSize);
        cipher.Encrypt(wrapped[..NonceSize], key, wrapped[NonceSize..^TagSize], wrapped[^TagSize..], context);
    }

    public static byte[] Wrap(SecretKey wrapping, SecretKey key, ReadOnlySpan<byte> context)
    {
        ArgumentNullException.ThrowIfNull(key);
        var wrapped = new byte[Size];
        Wrap(wrapping, key.Span, context, wrapped);
        return wrapped;
    }

    /// <exception cref="VaultIntegrityException">The wrapped key is damaged, or was wrapped under another key or for another context.</exception>
    public static SecretKey Unwrap(SecretKey wrapping, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context)
    {
        ArgumentNullException.ThrowIfNull(wrapping);
        if (wrapped.Length != Size)
            throw new VaultIntegrityException("A wrapped key has the wrong length.");
        using var cipher = new AesGcm(wrapping.Span, TagSize);
        try
        {
            return SecretKey.Create(new Input(cipher, wrapped, context), static (key, input) => input.Cipher.Decrypt(
                input.Wrapped[..NonceSize], input.Wrapped[NonceSize..^TagSize], input.Wrapped[^TagSize..], key, input.Context));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new VaultIntegrityException("A wrapped key is damaged or stands in another's place.");
        }
    }

    /// <summary>Wraps the key of one instance's objects under its study's key.</summary>
    /// <param name="detail">Which instance: the MAC of its SOP Instance UID.</param>
    public static byte[] WrapObjectKey(SecretKey studyKey, StudyHandle study, ReadOnlySpan<byte> detail, SecretKey objectKey) =>
        Wrap(studyKey, objectKey, RowContext.Of("object key", study.Value, detail));

    /// <exception cref="VaultIntegrityException">The key is damaged or is another instance's.</exception>
    public static SecretKey UnwrapObjectKey(SecretKey studyKey, StudyHandle study, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> wrapped) =>
        Unwrap(studyKey, wrapped, RowContext.Of("object key", study.Value, detail));

    private readonly ref struct Input(AesGcm cipher, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context)
    {
        public readonly AesGcm Cipher = cipher;
        public readonly ReadOnlySpan<byte> Wrapped = wrapped;
        public readonly ReadOnlySpan<byte> Context = context;
    }
}
