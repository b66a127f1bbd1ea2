using System.Buffers;
using System.Security.Cryptography;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// A 256-bit key. Its bytes stand in pinned memory, which the collector does not copy, and are zeroed by
/// <see cref="Dispose"/>. It is neither printed nor serialised nor compared.
/// </summary>
public sealed class SecretKey : IDisposable
{
    /// <summary>Length of a key in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] bytes = GC.AllocateArray<byte>(Size, pinned: true);
    private volatile bool disposed;

    private SecretKey()
    {
    }

    /// <summary>The key's bytes, valid until the key is disposed. Not to be copied anywhere but into another key.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes;
        }
    }

    public static SecretKey Generate()
    {
        var key = new SecretKey();
        RandomNumberGenerator.Fill(key.bytes);
        return key;
    }

    /// <summary>A key that <paramref name="fill"/> writes straight into its place. Where that throws, nothing is left behind.</summary>
    public static SecretKey Create<TState>(TState state, SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(fill);
        var key = new SecretKey();
        try
        {
            fill(key.bytes, state);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>A copy of a key that somebody else may dispose.</summary>
    public static SecretKey Copy(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Create(key.Span, static (bytes, source) => source.CopyTo(bytes));
    }

    /// <summary>HKDF-SHA-256 (RFC 5869) of a key; <paramref name="info"/> says what for.</summary>
    public static SecretKey Derive(SecretKey parent, ReadOnlySpan<byte> info) => Derive(parent, [], info);

    /// <summary>HKDF-SHA-256 (RFC 5869) of a key with a salt.</summary>
    public static SecretKey Derive(SecretKey parent, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info)
    {
        ArgumentNullException.ThrowIfNull(parent);
        var key = new SecretKey();
        HKDF.DeriveKey(HashAlgorithmName.SHA256, parent.Span, key.bytes, salt, info);
        return key;
    }

    /// <summary>HMAC-SHA-256 (RFC 2104).</summary>
    public Mac Mac(ReadOnlySpan<byte> data)
    {
        var mac = new byte[Storage.Mac.Size];
        HMACSHA256.HashData(Span, data, mac);
        return new Mac(mac);
    }

    /// <summary>HMAC-SHA-256 of data that comes in pieces.</summary>
    public IncrementalMac BeginMac() => new(Span);

    public void Dispose()
    {
        disposed = true;
        CryptographicOperations.ZeroMemory(bytes);
    }
}
