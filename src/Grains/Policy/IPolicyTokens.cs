namespace SecureStore.Grains.Policy;

/// <summary>Checks policy tokens wherever one is presented: at the edge, and again in the grain that it is presented to.</summary>
public interface IPolicyTokens
{
    /// <summary>Believes the raw token or says why not.</summary>
    /// <exception cref="Storage.StorageUnavailableException">Whether the token was revoked cannot be said: nothing may be opened on it.</exception>
    ValueTask<PolicyTokenResult> CheckAsync(string raw, CancellationToken cancellation);
}

/// <summary>Tokens that are not believed any more before their time.</summary>
public interface IRevokedTokens
{
    /// <exception cref="Storage.StorageUnavailableException">It cannot be said.</exception>
    ValueTask<bool> IsRevokedAsync(string issuer, string tokenId, CancellationToken cancellation);

    /// <summary>Remembers durably that a token is revoked, until it expires anyway. Revoking twice is one revocation.</summary>
    /// <exception cref="Storage.StorageUnavailableException">Not recorded.</exception>
    ValueTask RevokeAsync(string issuer, string tokenId, DateTimeOffset expires, CancellationToken cancellation);
}
