using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// The key that signs policy tokens (ES256). It is derived from the vault's service key, so there is no file and no row to lose:
/// whoever has the vault open has it, and nobody else.
/// </summary>
internal sealed class TokenSigningKey : IDisposable
{
    /// <summary>The order of P-256 (SEC 2 2.4.2).</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];

    private readonly ECDsa key;

    public TokenSigningKey(SecretKey serviceKey)
    {
        key = Derive(serviceKey);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        PublicKey = new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Crv = JsonWebKeyECTypes.P256,
            X = Base64UrlEncoder.Encode(point.X),
            Y = Base64UrlEncoder.Encode(point.Y),
            Use = JsonWebKeyUseNames.Sig,
            Alg = SecurityAlgorithms.EcdsaSha256,
        };
        PublicKey.Kid = Base64UrlEncoder.Encode(PublicKey.ComputeJwkThumbprint());
        SigningKey = new ECDsaSecurityKey(key)
        {
            KeyId = PublicKey.Kid,
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        };
    }

    /// <summary>The public key; its "kid" is its thumbprint (RFC 7638).</summary>
    public JsonWebKey PublicKey { get; }

    public ECDsaSecurityKey SigningKey { get; }

    public void Dispose() => key.Dispose();

    /// <summary>A private key by trial (FIPS 186-5 A.2.2): the first of a series of derived numbers that lies in the curve's range.</summary>
    private static ECDsa Derive(SecretKey serviceKey)
    {
        var number = GC.AllocateArray<byte>(SecretKey.Size, pinned: true);
        try
        {
            for (byte trial = 0; ; trial++)
            {
                using var candidate = SecretKey.Derive(serviceKey, [.. "SecureStore token signing ES256 v1"u8, trial]);
                candidate.Span.CopyTo(number);
                if (number.AsSpan().ContainsAnyExcept((byte)0) && number.AsSpan().SequenceCompareTo(Order) < 0)
                    return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = number });
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(number);
        }
    }
}
