namespace SecureStore.Grains.Policy;

/// <summary>The reader with the clock and the revocations.</summary>
public sealed class PolicyTokens(PolicyTokenReader reader, IRevokedTokens revoked, TimeProvider clock) : IPolicyTokens
{
    public async ValueTask<PolicyTokenResult> CheckAsync(string raw, CancellationToken cancellation)
    {
        var result = reader.Read(raw, clock.GetUtcNow());
        if (result.IsValid && await revoked.IsRevokedAsync(result.Token.Issuer, result.Token.Id, cancellation).ConfigureAwait(false))
            return PolicyTokenResult.Refused(TokenRefusal.Revoked);
        return result;
    }
}
