using System.Security.Cryptography;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// HMAC-SHA-256 of data that comes in pieces. The key lives in the native context alone, which clears it when disposed.
/// Not thread-safe.
/// </summary>
public sealed class IncrementalMac : IDisposable
{
    private readonly IncrementalHash hash;

    internal IncrementalMac(ReadOnlySpan<byte> key) => hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

    public void AppendData(ReadOnlySpan<byte> data) => hash.AppendData(data);

    /// <summary>The MAC of everything appended since the beginning or the last call.</summary>
    public Mac Finish()
    {
        var mac = new byte[Mac.Size];
        hash.GetHashAndReset(mac);
        return new Mac(mac);
    }

    public void Dispose() => hash.Dispose();
}
