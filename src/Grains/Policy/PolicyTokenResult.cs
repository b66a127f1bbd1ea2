using System.Diagnostics.CodeAnalysis;

namespace SecureStore.Grains.Policy;

/// <summary>Why a token is not believed.</summary>
public enum TokenRefusal
{
    None = 0,

    /// <summary>Too long, not a signed JWT in compact form, JSON that is broken or repeats a name, or a claim missing or of the wrong kind.</summary>
    Malformed,

    /// <summary>Not an access token by its "typ" (RFC 9068 4).</summary>
    WrongType,

    /// <summary>An algorithm that is not on the list: "none" and every shared-secret one among them.</summary>
    WrongAlgorithm,

    UnknownIssuer,

    /// <summary>No key of the issuer, named by "kid" where there is one, made this signature.</summary>
    BadSignature,

    WrongAudience,

    Expired,

    NotYetValid,

    /// <summary>An authorization_details entry of this archive's type that says something unknown: fail closed.</summary>
    BadGrants,

    /// <summary>Nothing in it is for this archive.</summary>
    NoGrants,

    Revoked,
}

/// <summary>A token that was believed, or why it was not.</summary>
public sealed record PolicyTokenResult
{
    private PolicyTokenResult(PolicyToken? token, TokenRefusal refusal) => (Token, Refusal) = (token, refusal);

    public PolicyToken? Token { get; }

    public TokenRefusal Refusal { get; }

    [MemberNotNullWhen(true, nameof(Token))]
    public bool IsValid => Token is not null;

    public static PolicyTokenResult Valid(PolicyToken token) => new(token, TokenRefusal.None);

    public static PolicyTokenResult Refused(TokenRefusal refusal) => new(null, refusal);

    public override string ToString() => IsValid ? nameof(Valid) : Refusal.ToString();
}
