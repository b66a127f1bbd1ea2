using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// POST /oauth2/token: client credentials (RFC 6749 4.4) with authorization_details (RFC 9396) and expires_in. Each token is
/// recorded in the audit log before it leaves.
/// </summary>
internal sealed class TokenIssuer(TokenStore clients, IAuditLog audit, RefusedAttempts refused, TokenSettings settings, TimeProvider clock)
    : IOpenIddictServerHandler<ValidateTokenRequestContext>, IOpenIddictServerHandler<HandleTokenRequestContext>, IOpenIddictServerHandler<GenerateTokenContext>
{
    /// <summary>The longest authorization_details, in characters: what they become in a token stays well below <see cref="PolicyTokenReader.MaxLength"/>.</summary>
    private const int MaxDetails = 8 * 1024;

    private const int TokenIdSize = 16;
    private const string DetailsName = "authorization_details";
    private const string TokenIdProperty = "SecureStore token id";

    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        try
        {
            if (await clients.IsClientAsync(context.Request.ClientId ?? "", context.Request.ClientSecret ?? "", context.CancellationToken))
                return;
            await refused.RecordAsync("token", "unknown client or wrong secret", context.Transaction.CallerAddress(), context.CancellationToken);
            context.Reject(Errors.InvalidClient, "The client is unknown, or its secret is wrong.");
        }
        catch (StorageUnavailableException)
        {
            context.Reject(Errors.TemporarilyUnavailable, "The client cannot be looked up for now.");
        }
    }

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (ReadLifetime(context.Request) is not { } lifetime)
        {
            context.Reject(Errors.InvalidRequest, "expires_in is a number of seconds from 60 to 86400.");
            return;
        }

        IReadOnlyList<PolicyGrant> grants;
        try
        {
            grants = ReadGrants(context.Request);
        }
        catch (FormatException wrong)
        {
            context.Reject("invalid_authorization_details", wrong.Message + ".");
            return;
        }

        var details = AuthorizationDetails.Write(grants);
        var tokenId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenIdSize));
        try
        {
            await audit.AppendAsync(
                new AuditEvent
                {
                    Id = Guid.NewGuid(),
                    Time = clock.GetUtcNow(),
                    Action = AuditAction.TokenIssued,
                    Actor = context.Request.ClientId!,
                    TokenId = tokenId,
                    TokenIssuer = settings.Issuer.AbsoluteUri,
                    PurposeOfUse = grants[0].PurposeOfUse,
                    Detail = details,
                    Address = context.Transaction.CallerAddress()?.ToString(),
                },
                context.CancellationToken);
        }
        catch (StorageUnavailableException)
        {
            context.Reject(Errors.TemporarilyUnavailable, "The token cannot be recorded for now.");
            return;
        }

        using var json = JsonDocument.Parse(details);
        context.Transaction.SetProperty(TokenIdProperty, tokenId);
        context.Parameters[DetailsName] = json.RootElement.Clone();
        context.SignIn(PrincipalOf(context.Request.ClientId!, details, lifetime));
    }

    /// <summary>Gives the token the identifier that the audit log knows it by, and takes OpenIddict's own claim out: RFC 9068 has client_id for it.</summary>
    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.SecurityTokenDescriptor.Subject?.RemoveClaims(Claims.Private.Presenter);
        if (context.Transaction.GetProperty<string>(TokenIdProperty) is { } tokenId)
            (context.SecurityTokenDescriptor.Claims ??= new Dictionary<string, object>())[Claims.JwtId] = tokenId;
        return default;
    }

    private ClaimsPrincipal PrincipalOf(string clientId, string details, TimeSpan lifetime)
    {
        var identity = new ClaimsIdentity("client_credentials", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, clientId);
        identity.AddClaim(new Claim(DetailsName, details, JsonClaimValueTypes.JsonArray));
        identity.SetDestinations(static _ => [Destinations.AccessToken]);
        var principal = new ClaimsPrincipal(identity);
        principal.SetResources(settings.Audience);
        principal.SetAccessTokenLifetime(lifetime);
        return principal;
    }

    private static TimeSpan? ReadLifetime(OpenIddictRequest request)
    {
        if (request.GetParameter(Parameters.ExpiresIn) is not { } asked)
            return TokenSettings.DefaultLifetime;
        return int.TryParse((string?)asked, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && TimeSpan.FromSeconds(seconds) is var lifetime && lifetime >= TokenSettings.MinLifetime && lifetime <= TokenSettings.MaxLifetime
            ? lifetime
            : null;
    }

    private static IReadOnlyList<PolicyGrant> ReadGrants(OpenIddictRequest request) =>
        (string?)request.GetParameter(DetailsName) is not { Length: > 0 and <= MaxDetails } text
            ? throw new FormatException($"authorization_details is needed, of at most {MaxDetails} characters")
            : AuthorizationDetails.ParseRequest(text);
}
