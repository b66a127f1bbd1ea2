using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// Bearer tokens (RFC 6750) at the edge: a valid one becomes the request's <see cref="CallerToken"/> feature. The grain that is
/// asked checks it again.
/// </summary>
internal sealed class PolicyTokenAuthentication(
    IPolicyTokens tokens, RefusedAttempts refused, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";

    private const string Prefix = SchemeName + " ";

    private TokenRefusal refusal;
    private bool unavailable;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();

        var raw = header[Prefix.Length..].Trim(' ');
        try
        {
            var result = await tokens.CheckAsync(raw, Context.RequestAborted);
            if (result.IsValid)
                return Accept(raw, result.Token);
            refusal = result.Refusal;
        }
        catch (StorageUnavailableException fault)
        {
            unavailable = true;
            return AuthenticateResult.Fail(fault);
        }

        await refused.RecordAsync("request", $"token refused: {refusal}", Context.Connection.RemoteIpAddress, Context.RequestAborted);
        return AuthenticateResult.Fail("The token is not valid.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.CacheControl = "no-store";
        if (unavailable)
        {
            Response.Headers.RetryAfter = "10";
            return TypedResults.Problem("Tokens cannot be checked for now.", statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(Context);
        }

        // RFC 6750 3.1: who brought no token is told no error.
        var detail = refusal switch
        {
            TokenRefusal.None => "A policy token is needed.",
            TokenRefusal.Expired => "The token has expired.",
            TokenRefusal.NotYetValid => "The token is not valid yet.",
            TokenRefusal.Revoked => "The token has been revoked.",
            _ => "The token is not valid.",
        };
        Response.Headers.WWWAuthenticate = refusal == TokenRefusal.None
            ? "Bearer realm=\"securestore\""
            : $"Bearer realm=\"securestore\", error=\"invalid_token\", error_description=\"{detail}\"";
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(Context);
    }

    private AuthenticateResult Accept(string raw, PolicyToken token)
    {
        Context.Features.Set(new CallerToken(raw, token));
        var identity = new ClaimsIdentity([new Claim("sub", token.Subject)], SchemeName, "sub", null);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
