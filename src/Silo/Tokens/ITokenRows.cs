using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Tokens;

/// <summary>Keeps what the issuer must not forget: MACs of clients' secrets and of revoked tokens. Thread-safe.</summary>
internal interface ITokenRows : IDisposable
{
    /// <summary>The MAC of a client's secret, or null where there is no such client.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be said.</exception>
    ValueTask<byte[]?> FindClientAsync(string clientId, CancellationToken cancellation);

    /// <exception cref="StorageUnavailableException">Not stored.</exception>
    ValueTask SetClientAsync(string clientId, byte[] secretMac, CancellationToken cancellation);

    /// <summary>True from the moment on that <see cref="RevokeAsync"/> returned, on whichever silo that was.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be said.</exception>
    ValueTask<bool> IsRevokedAsync(Mac token, CancellationToken cancellation);

    /// <summary>Adds a revocation, and forgets those that are over.</summary>
    /// <param name="token">MAC of the token.</param>
    /// <param name="expires">Seconds since 1970 until which it is kept.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StorageUnavailableException">Not stored, or uncertain.</exception>
    ValueTask RevokeAsync(Mac token, long expires, long now, CancellationToken cancellation);
}
