using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace SecureStore.Grains.Policy;

/// <summary>
/// An issuer whose tokens are believed: its "iss", letter by letter, and its public keys. Of a key set only the keys that
/// may sign and that this archive accepts are kept: elliptic curve P-256, and RSA of 2048 bits or more.
/// </summary>
public sealed class TrustedIssuer
{
    private const int MinRsaBits = 2048;

    /// <exception cref="ArgumentException">No issuer name, or no usable key.</exception>
    public TrustedIssuer(string name, IEnumerable<JsonWebKey> keys)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Keys = [.. keys.Where(IsUsable)];
        if (Keys.Count == 0)
            throw new ArgumentException("The issuer has no signing key of a kind that is accepted (P-256, or RSA of 2048 bits).", nameof(keys));
        foreach (var key in Keys)
            EnsureSound(key);
    }

    public string Name { get; }

    public IReadOnlyList<JsonWebKey> Keys { get; }

    /// <summary>An issuer with the keys of a JSON Web Key Set (RFC 7517 5).</summary>
    /// <exception cref="ArgumentException">The text is no key set, or has no usable key.</exception>
    public static TrustedIssuer FromKeySet(string name, string json) => new(name, new JsonWebKeySet(json).Keys);

    /// <summary>Whether the key may make signatures by this algorithm: decided by the key, never by the token alone.</summary>
    internal static bool Matches(JsonWebKey key, string algorithm) =>
        (string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm) && algorithm switch
        {
            SecurityAlgorithms.EcdsaSha256 => key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve,
            SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.RsaSsaPssSha256 => key.Kty == JsonWebAlgorithmsKeyTypes.RSA,
            _ => false,
        };

    /// <summary>A key that cannot be used is an error of the configuration, found here and not at the first token.</summary>
    private static void EnsureSound(JsonWebKey key)
    {
        var rsa = key.Kty == JsonWebAlgorithmsKeyTypes.RSA;
        try
        {
            var provider = key.CryptoProviderFactory.CreateForVerifying(key, rsa ? SecurityAlgorithms.RsaSha256 : SecurityAlgorithms.EcdsaSha256);
            provider.Verify([0], new byte[rsa ? key.KeySize / 8 : 64]);
            key.CryptoProviderFactory.ReleaseSignatureProvider(provider);
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or FormatException or CryptographicException)
        {
            throw new ArgumentException("A signing key of the issuer is broken.", nameof(key), exception);
        }
    }

    private static bool IsUsable(JsonWebKey key) => key.Use is null or "" or JsonWebKeyUseNames.Sig && key.Kty switch
    {
        JsonWebAlgorithmsKeyTypes.EllipticCurve => key.Crv == JsonWebKeyECTypes.P256,
        JsonWebAlgorithmsKeyTypes.RSA => key.KeySize >= MinRsaBits,
        _ => false,
    };
}
