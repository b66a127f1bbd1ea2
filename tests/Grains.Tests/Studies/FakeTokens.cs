using System.Collections.Concurrent;
using SecureStore.Grains.Policy;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Tokens that need no signature: what was issued here is believed until it expires or is revoked.</summary>
internal sealed class FakeTokens(TimeProvider time) : IPolicyTokens
{
    private readonly ConcurrentDictionary<string, PolicyToken> issued = new();

    /// <summary>Whose all tokens are from now on; without it each is somebody else's.</summary>
    public string? Subject { get; set; }

    public string Issue(PolicyActions actions, params PolicyLocation[] locations) => Issue(TimeSpan.FromDays(36500), actions, locations);

    public string Issue(TimeSpan life, PolicyActions actions, params PolicyLocation[] locations)
    {
        var raw = Guid.NewGuid().ToString("N");
        issued[raw] = new PolicyToken
        {
            Id = raw,
            Subject = Subject ?? $"subject of {raw}",
            Issuer = "https://issuer.test",
            NotBefore = time.GetUtcNow(),
            Expires = time.GetUtcNow() + life,
            Grants = [new PolicyGrant(actions, locations, "TREAT")],
        };
        return raw;
    }

    public void Revoke(string raw) => issued.TryRemove(raw, out _);

    public ValueTask<PolicyTokenResult> CheckAsync(string raw, CancellationToken cancellation) => new(
        !issued.TryGetValue(raw, out var token) ? PolicyTokenResult.Refused(TokenRefusal.Revoked)
        : token.Expires <= time.GetUtcNow() ? PolicyTokenResult.Refused(TokenRefusal.Expired)
        : PolicyTokenResult.Valid(token));
}
