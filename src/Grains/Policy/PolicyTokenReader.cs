using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace SecureStore.Grains.Policy;

/// <summary>
/// Checks raw policy tokens (RFC 9068 4, RFC 8725): form, type, algorithm, issuer, signature, audience, times and grants.
/// Pure but for a memory of verified signatures; thread-safe.
/// </summary>
public sealed class PolicyTokenReader
{
    /// <summary>The longest raw token, in characters (16 KiB).</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>The longest jti, sub or client_id, in characters.</summary>
    public const int MaxIdentifierLength = 256;

    /// <summary>How much clocks may differ at most.</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromSeconds(60);

    private const string Base64UrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(Base64UrlAlphabet + ".");
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly Dictionary<string, TrustedIssuer> issuers;
    private readonly string audience;
    private readonly TimeSpan startSkew;
    private readonly VerifiedTokens verified = new();

    /// <param name="issuers">Whom to believe; names must differ.</param>
    /// <param name="audience">What "aud" must be or contain.</param>
    /// <param name="startSkew">How far ahead an issuer's clock may be: 0 to 60 s, by default 30 s. The end of a token has no such allowance.</param>
    public PolicyTokenReader(IEnumerable<TrustedIssuer> issuers, string audience, TimeSpan? startSkew = null)
    {
        ArgumentNullException.ThrowIfNull(issuers);
        ArgumentException.ThrowIfNullOrEmpty(audience);
        this.startSkew = startSkew ?? TimeSpan.FromSeconds(30);
        ArgumentOutOfRangeException.ThrowIfLessThan(this.startSkew, TimeSpan.Zero, nameof(startSkew));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(this.startSkew, MaxClockSkew, nameof(startSkew));
        this.issuers = issuers.ToDictionary(issuer => issuer.Name, StringComparer.Ordinal);
        this.audience = audience;
    }

    /// <summary>Believes the token or says why not; never throws for what it contains.</summary>
    public PolicyTokenResult Read(string rawJwt, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rawJwt);
        if (rawJwt.Length > MaxLength || rawJwt.AsSpan().ContainsAnyExcept(TokenCharacters))
            return PolicyTokenResult.Refused(TokenRefusal.Malformed);

        var raw = Encoding.ASCII.GetBytes(rawJwt);
        var hash = TokenHash.Of(raw);
        if (verified.Find(hash) is not { } token)
        {
            var result = Verify(raw);
            if (!result.IsValid)
                return result;
            token = result.Token;
            verified.Add(hash, token);
        }

        if (now >= token.Expires)
            return PolicyTokenResult.Refused(TokenRefusal.Expired);
        if (token.NotBefore - now > startSkew)
            return PolicyTokenResult.Refused(TokenRefusal.NotYetValid);
        return PolicyTokenResult.Valid(token);
    }

    private PolicyTokenResult Verify(byte[] raw)
    {
        try
        {
            var firstDot = Array.IndexOf(raw, (byte)'.');
            var lastDot = Array.LastIndexOf(raw, (byte)'.');
            if (firstDot < 0 || raw.AsSpan().Count((byte)'.') != 2)
                return PolicyTokenResult.Refused(TokenRefusal.Malformed);
            using var header = JsonDocument.Parse(Base64Url.DecodeFromUtf8(raw.AsSpan(0, firstDot)), Strict);
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromUtf8(raw.AsSpan(firstDot + 1, lastDot - firstDot - 1)), Strict);
            var signature = Base64Url.DecodeFromUtf8(raw.AsSpan(lastDot + 1));
            return Verify(header.RootElement, payload.RootElement, raw.AsSpan(0, lastDot).ToArray(), signature);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return PolicyTokenResult.Refused(TokenRefusal.Malformed);
        }
    }

    private PolicyTokenResult Verify(JsonElement header, JsonElement payload, byte[] signed, byte[] signature)
    {
        if (Text(header, "typ") is not ("at+jwt" or "application/at+jwt"))
            return PolicyTokenResult.Refused(TokenRefusal.WrongType);
        if (header.TryGetProperty("crit", out _))
            return PolicyTokenResult.Refused(TokenRefusal.Malformed);
        var algorithm = Text(header, "alg");
        if (algorithm is not (SecurityAlgorithms.EcdsaSha256 or SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.RsaSsaPssSha256))
            return PolicyTokenResult.Refused(TokenRefusal.WrongAlgorithm);
        if (Text(payload, "iss") is not { } name || !issuers.TryGetValue(name, out var issuer))
            return PolicyTokenResult.Refused(TokenRefusal.UnknownIssuer);

        var keyId = Text(header, "kid");
        if (signature.Length == 0 || !issuer.Keys.Any(IsSigner))
            return PolicyTokenResult.Refused(TokenRefusal.BadSignature);
        return ReadClaims(payload, name);

        bool IsSigner(JsonWebKey key) =>
            (keyId is null || key.Kid == keyId) && TrustedIssuer.Matches(key, algorithm) && IsSignature(key, algorithm, signed, signature);
    }

    private PolicyTokenResult ReadClaims(JsonElement payload, string issuer)
    {
        if (!IsForUs(payload))
            return PolicyTokenResult.Refused(TokenRefusal.WrongAudience);
        if (Time(payload, "exp") is not { } expires || Time(payload, "iat") is not { } issued
            || Identifier(payload, "jti") is not { } id || (Identifier(payload, "sub") ?? Identifier(payload, "client_id")) is not { } subject)
            return PolicyTokenResult.Refused(TokenRefusal.Malformed);
        if (!payload.TryGetProperty("authorization_details", out var details))
            return PolicyTokenResult.Refused(TokenRefusal.NoGrants);

        IReadOnlyList<PolicyGrant> grants;
        try
        {
            grants = AuthorizationDetails.Parse(details);
        }
        catch (FormatException)
        {
            return PolicyTokenResult.Refused(TokenRefusal.BadGrants);
        }

        if (grants.Count == 0)
            return PolicyTokenResult.Refused(TokenRefusal.NoGrants);
        var notBefore = Time(payload, "nbf") is { } start && start > issued ? start : issued;
        return PolicyTokenResult.Valid(new PolicyToken
        {
            Id = id,
            Subject = subject,
            Issuer = issuer,
            NotBefore = notBefore,
            Expires = expires,
            Grants = grants,
        });
    }

    private bool IsForUs(JsonElement payload) => payload.TryGetProperty("aud", out var aud) && aud.ValueKind switch
    {
        JsonValueKind.String => aud.ValueEquals(audience),
        JsonValueKind.Array => aud.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(audience)),
        _ => false,
    };

    private static bool IsSignature(JsonWebKey key, string algorithm, byte[] signed, byte[] signature)
    {
        var provider = key.CryptoProviderFactory.CreateForVerifying(key, algorithm);
        try
        {
            return provider.Verify(signed, signature);
        }
        finally
        {
            key.CryptoProviderFactory.ReleaseSignatureProvider(provider);
        }
    }

    /// <summary>The string of that name, or null where there is no such member.</summary>
    /// <exception cref="InvalidOperationException">The member is no string, or the element no object.</exception>
    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? throw new InvalidOperationException() : null;

    private static string? Identifier(JsonElement payload, string name) =>
        Text(payload, name) is not { } text ? null
        : text.Length is > 0 and <= MaxIdentifierLength ? text
        : throw new FormatException();

    /// <summary>A NumericDate (RFC 7519 2) in whole seconds, or null where there is no such member.</summary>
    private static DateTimeOffset? Time(JsonElement payload, string name) =>
        !payload.TryGetProperty(name, out var value) ? null
        : value.TryGetDouble(out var seconds) && seconds is >= 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
        : throw new FormatException();
}
