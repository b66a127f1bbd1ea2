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
        try
        {
            if (await IsAcceptedAsync(context) && Find(context.Request.Token!) is var (id, expires))
                await RevokeAsync(context, id, expires);
        }
        catch (StorageUnavailableException)
        {
            context.Reject(Errors.TemporarilyUnavailable, "The revocation cannot be recorded for now.");
        }

        if (context.IsRejected)
            return;
        context.Transaction.Response().StatusCode = (int)HttpStatusCode.OK;
        context.HandleRequest();
    }

    private async ValueTask<bool> IsAcceptedAsync(ValidateRevocationRequestContext context)
    {
        if (!await store.IsClientAsync(context.Request.ClientId ?? "", context.Request.ClientSecret ?? "", context.CancellationToken))
        {
            await refused.RecordAsync("revoke", "unknown client or wrong secret", context.Transaction.CallerAddress(), context.CancellationToken);
            context.Reject(Errors.InvalidClient, "The client is unknown, or its secret is wrong.");
            return false;
        }

        if (context.Request.Token is { Length: > 0 })
            return true;
        context.Reject(Errors.InvalidRequest, "token is needed.");
        return false;
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
