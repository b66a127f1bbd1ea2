using System.Security.Cryptography;
using System.Text;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// Clients and revoked tokens. Secrets are 256 random bits: there is nothing for a slow password hash to slow down. They
/// are kept as MACs under a key of the vault, so whoever writes the database cannot make himself a client.
/// </summary>
internal sealed class TokenStore : IRevokedTokens, IDisposable
{
    private readonly ITokenRows rows;
    private readonly SecretKey clientKey;
    private readonly SecretKey revocationKey;
    private readonly TimeProvider clock;

    /// <param name="rows">Where they are kept; taken over.</param>
    /// <param name="serviceKey">The vault's key for tokens; not kept.</param>
    /// <param name="clock">Tells which revocations are over.</param>
    public TokenStore(ITokenRows rows, SecretKey serviceKey, TimeProvider clock)
    {
        this.rows = rows;
        this.clock = clock;
        clientKey = SecretKey.Derive(serviceKey, "SecureStore token clients v1"u8);
        revocationKey = SecretKey.Derive(serviceKey, "SecureStore token revocations v1"u8);
    }

    /// <summary>Whether there is such a client with that secret; as long for the one answer as for the other.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be said.</exception>
    public async ValueTask<bool> IsClientAsync(string clientId, string secret, CancellationToken cancellation)
    {
        var known = await rows.FindClientAsync(clientId, cancellation);
        return CryptographicOperations.FixedTimeEquals(MacOf(clientKey, clientId, secret).Bytes.Span, known ?? new byte[Mac.Size]) && known is not null;
    }

    /// <summary>Adds a client, or gives it another secret.</summary>
    /// <exception cref="StorageUnavailableException">Not stored.</exception>
    public ValueTask SetClientAsync(string clientId, string secret, CancellationToken cancellation) =>
        rows.SetClientAsync(clientId, MacOf(clientKey, clientId, secret).ToArray(), cancellation);

    public ValueTask<bool> IsRevokedAsync(string issuer, string tokenId, CancellationToken cancellation) =>
        rows.IsRevokedAsync(MacOf(revocationKey, issuer, tokenId), cancellation);

    public ValueTask RevokeAsync(string issuer, string tokenId, DateTimeOffset expires, CancellationToken cancellation) =>
        rows.RevokeAsync(MacOf(revocationKey, issuer, tokenId), expires.ToUnixTimeSeconds(), clock.GetUtcNow().ToUnixTimeSeconds(), cancellation);

    public void Dispose()
    {
        rows.Dispose();
        clientKey.Dispose();
        revocationKey.Dispose();
    }

    private static Mac MacOf(SecretKey key, string first, string second)
    {
        using var mac = key.BeginMac();
        mac.AppendData(Encoding.UTF8.GetBytes(first));
        mac.AppendData([0]);
        mac.AppendData(Encoding.UTF8.GetBytes(second));
        return mac.Finish();
    }
}
