using System.Net;
using OpenIddict.Server;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// POST /oauth2/revoke (RFC 7009). "token" is a token of the built-in issuer, or, so that one can be revoked that is not at
/// hand, its jti alone. A token that is none, or is over, is no error (RFC 7009 2.2).
/// </summary>
internal sealed class TokenRevocation(
    TokenStore store, PolicyTokenReader reader, IAuditLog audit, RefusedAttempts refused, TokenSettings settings, TimeProvider clock)
    : IOpenIddictServerHandler<ValidateRevocationRequestContext>
{
    public async ValueTask HandleAsync(ValidateRevocationRequestContext context)
    {
        if (!store.IsClient(context.Request.ClientId ?? "", context.Request.ClientSecret ?? ""))
        {
            await refused.RecordAsync("revoke", "unknown client or wrong secret", context.Transaction.CallerAddress(), context.CancellationToken);
            context.Reject(Errors.InvalidClient, "The client is unknown, or its secret is wrong.");
            return;
        }

        if (context.Request.Token is not { Length: > 0 } token)
        {
            context.Reject(Errors.InvalidRequest, "token is needed.");
            return;
        }

        try
        {
            if (Find(token) is var (id, expires))
                await RevokeAsync(context, id, expires);
        }
        catch (StorageUnavailableException)
        {
            context.Reject(Errors.TemporarilyUnavailable, "The revocation cannot be recorded for now.");
            return;
        }

        context.Transaction.Response().StatusCode = (int)HttpStatusCode.OK;
        context.HandleRequest();
    }

    private (string Id, DateTimeOffset Expires)? Find(string token)
    {
        var now = clock.GetUtcNow();
        if (!token.Contains('.'))
            return token.Length <= PolicyTokenReader.MaxIdentifierLength ? (token, now + TokenSettings.MaxLifetime) : null;
        return reader.Read(token, now).Token is { } valid && valid.Issuer == settings.Issuer.AbsoluteUri ? (valid.Id, valid.Expires) : null;
    }

    private async Task RevokeAsync(ValidateRevocationRequestContext context, string id, DateTimeOffset expires)
    {
        await store.RevokeAsync(settings.Issuer.AbsoluteUri, id, expires, context.CancellationToken);
        await audit.AppendAsync(
            new AuditEvent
            {
                Id = Guid.NewGuid(),
                Time = clock.GetUtcNow(),
                Action = AuditAction.TokenRevoked,
                Actor = context.Request.ClientId!,
                TokenId = id,
                TokenIssuer = settings.Issuer.AbsoluteUri,
                Address = context.Transaction.CallerAddress()?.ToString(),
            },
            context.CancellationToken);
    }
}
