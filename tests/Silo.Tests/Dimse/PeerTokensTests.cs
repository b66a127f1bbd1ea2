using Microsoft.Extensions.DependencyInjection;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Dimse;
using SecureStore.Silo.Tests.Tokens;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Dimse;

public class PeerTokensTests
{
    [Fact]
    public async Task A_peer_s_token_is_renewed_unless_it_was_revoked()
    {
        await using var issuer = await IssuerFixture.StartAsync();
        var check = issuer.Services.GetRequiredService<IPolicyTokens>();
        using var tokens = new PeerTokens(
            issuer.Services.GetRequiredService<TokenSigningKey>(), issuer.Services.GetRequiredService<TokenSettings>(),
            issuer.Services.GetRequiredService<IRevokedTokens>(), issuer.Services.GetRequiredService<IAuditLog>(), issuer.Clock);
        var (upper, lower) = (Peer("MODALITY"), Peer("modality"));

        var first = await tokens.ForAsync(upper, default);
        Assert.Equal("dimse:MODALITY", (await check.CheckAsync(first, default)).Token!.Subject);
        issuer.Clock.Advance(TimeSpan.FromMinutes(20));
        var second = await tokens.ForAsync(upper, default);
        Assert.NotEqual(first, second);
        Assert.True((await check.CheckAsync(second, default)).IsValid);

        // Revoked by its jti, it stays so: past the time of a renewal, past its own end, and for the time that a revocation is remembered.
        var other = await tokens.ForAsync(lower, default);
        (await issuer.RevokeAsync((await check.CheckAsync(second, default)).Token!.Id)).Dispose();
        foreach (var minutes in new[] { 0, 16, 20, 2 * 24 * 60 })
        {
            issuer.Clock.Advance(TimeSpan.FromMinutes(minutes));
            Assert.False((await check.CheckAsync(await tokens.ForAsync(upper, default), default)).IsValid, $"{minutes}");
        }

        // A peer whose AE title differs by case only is another one.
        Assert.NotEqual(other, second);
        Assert.True((await check.CheckAsync(await tokens.ForAsync(lower, default), default)).IsValid);
        Assert.Equal(4, (await issuer.EventsAsync()).Count(one => one.Action == AuditAction.TokenIssued));
    }

    private static DimsePeer Peer(string title) => new()
    {
        AeTitle = title,
        Addresses = [],
        Certificate = null,
        Policy = PolicyActions.Store,
        Purpose = "TREAT",
        Issuer = "",
        Destination = null,
        DestinationAuthority = null,
    };
}
