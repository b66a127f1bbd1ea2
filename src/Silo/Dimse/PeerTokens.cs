using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Dimse;

/// <summary>
/// Policy tokens for peers that bring none: what the settings let a peer do, signed by the built-in issuer, so that a study's grain checks
/// a peer as it checks everybody. A token is recorded in the audit log before it is used, and is renewed long before its end; one that was
/// revoked is not, so that the peer can do nothing until the archive starts again.
/// </summary>
internal sealed class PeerTokens(TokenSigningKey key, TokenSettings settings, IRevokedTokens revoked, IAuditLog audit, TimeProvider clock) : IDisposable
{
    /// <summary>What <see cref="PolicyToken.Subject"/> begins with where the caller is a DIMSE peer; its AE title follows.</summary>
    private const string SubjectPrefix = "dimse:";

    /// <summary>The same where the archive sends to a peer by a rule.</summary>
    private const string ForwardPrefix = "forward:";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, Issued> tokens = new();
    private readonly SemaphoreSlim issuing = new(1);

    /// <summary>A token that is good for 15 minutes at least, or one that was revoked.</summary>
    /// <exception cref="Grains.Storage.StorageUnavailableException">It cannot be recorded, or whether the last one was revoked cannot be said.</exception>
    public ValueTask<string> ForAsync(DimsePeer peer, CancellationToken cancellation) =>
        ForAsync(new Bearer(SubjectPrefix + peer.AeTitle, peer.Policy, peer.Purpose), cancellation);

    /// <summary>As the other, of the export to a peer that a rule allows.</summary>
    /// <inheritdoc cref="ForAsync(DimsePeer, CancellationToken)" path="/exception"/>
    public ValueTask<string> ForForwardingAsync(DimsePeer destination, CancellationToken cancellation) =>
        ForAsync(new Bearer(ForwardPrefix + destination.AeTitle, PolicyActions.Export, destination.Purpose), cancellation);

    public void Dispose() => issuing.Dispose();

    private async ValueTask<string> ForAsync(Bearer bearer, CancellationToken cancellation)
    {
        if (Current(bearer) is { } token)
        {
            return token;
        }

        await issuing.WaitAsync(cancellation);
        try
        {
            return Current(bearer) ?? await RevokedAsync(bearer, cancellation) ?? await IssueAsync(bearer, cancellation);
        }
        finally
        {
            issuing.Release();
        }
    }

    private string? Current(Bearer bearer) =>
        tokens.TryGetValue(bearer.Subject, out var issued) && clock.GetUtcNow() < issued.Renewal && clock.GetUtcNow() >= issued.Since ? issued.Raw : null;

    /// <summary>Remembered here: the issuer forgets a revocation when the token is over.</summary>
    private async ValueTask<string?> RevokedAsync(Bearer bearer, CancellationToken cancellation)
    {
        if (!tokens.TryGetValue(bearer.Subject, out var last)
            || !(last.IsRevoked || await revoked.IsRevokedAsync(settings.Issuer.AbsoluteUri, last.Id, cancellation)))
        {
            return null;
        }

        tokens[bearer.Subject] = last with { IsRevoked = true };
        return last.Raw;
    }

    private async Task<string> IssueAsync(Bearer bearer, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var details = AuthorizationDetails.Write([new PolicyGrant(bearer.Policy, [new PolicyLocation.Everything()], bearer.Purpose)]);
        await audit.AppendAsync(
            new AuditEvent
            {
                Id = Guid.NewGuid(),
                Time = now,
                Action = AuditAction.TokenIssued,
                Actor = bearer.Subject,
                TokenId = id,
                TokenIssuer = settings.Issuer.AbsoluteUri,
                PurposeOfUse = bearer.Purpose,
                Detail = details,
            },
            cancellation);
        using var json = JsonDocument.Parse(details);
        var raw = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = settings.Issuer.AbsoluteUri,
            Audience = settings.Audience,
            IssuedAt = now.UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = bearer.Subject, ["client_id"] = bearer.Subject, ["jti"] = id, ["authorization_details"] = json.RootElement.Clone(),
            },
            SigningCredentials = new SigningCredentials(key.SigningKey, SecurityAlgorithms.EcdsaSha256),
        });
        tokens[bearer.Subject] = new Issued(id, raw, now, now + (Lifetime / 2));
        return raw;
    }

    private sealed record Bearer(string Subject, PolicyActions Policy, string Purpose);

    private sealed record Issued(string Id, string Raw, DateTimeOffset Since, DateTimeOffset Renewal)
    {
        public bool IsRevoked { get; init; }

        public override string ToString() => nameof(Issued);
    }
}
