using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>Whom TLS trusts at the other end, and what it shows there: TLS 1.2 and 1.3 (BCP 195). No certificate's URL is fetched.</summary>
/// <param name="Authorities">Who certifies the other end; null for the system's own.</param>
/// <param name="Certificate">What is shown; null for nothing.</param>
sealed record ClientTls(X509Certificate2Collection? Authorities, X509Certificate2? Certificate)
{
    const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <param name="authority">A PEM file with one or more certificates, or null.</param>
    /// <param name="certificate">A PEM file, or null.</param>
    /// <param name="key">The PEM file of its private key, or null.</param>
    /// <exception cref="SecureStoreException">A file cannot be read, or the key is open to everybody.</exception>
    public static ClientTls Load(string? authority, string? certificate, string? key)
    {
        try
        {
            X509Certificate2Collection? authorities = null;
            if (authority is not null)
            {
                authorities = [];
                authorities.ImportFromPemFile(authority);
                if (authorities.Count == 0)
                {
                    throw new SecureStoreException($"{authority} holds no certificate");
                }
            }

            if (certificate is null || key is null)
            {
                return new ClientTls(authorities, null);
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(key) & UnixFileMode.OtherRead) != 0)
            {
                throw new SecureStoreException($"everybody can read {key}; make it yours alone with: chmod 600 {key}");
            }

            // A key from PEM is of no use to SslStream everywhere; one from PKCS#12 is.
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            return new ClientTls(authorities, X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SecureStoreException("--ca, --cert and --key must name PEM files that can be read: an authority, a certificate and its private key", e);
        }
    }

    /// <param name="host">The name that the other end's certificate must have; null where whoever connects knows.</param>
    public SslClientAuthenticationOptions ToClient(string? host) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = Protocols,
        CipherSuitesPolicy = DicomTls.CipherSuites(),
        AllowRenegotiation = false,
        ClientCertificates = Certificate is null ? null : [Certificate],
        CertificateChainPolicy = Policy(),
    };

    /// <summary>For a listener that wants a certificate of whoever calls.</summary>
    public SslServerAuthenticationOptions ToServer() => new()
    {
        ServerCertificate = Certificate,
        EnabledSslProtocols = Protocols,
        CipherSuitesPolicy = DicomTls.CipherSuites(),
        AllowRenegotiation = false,
        ClientCertificateRequired = true,
        CertificateChainPolicy = Policy(),
    };

    X509ChainPolicy? Policy()
    {
        if (Authorities is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(Authorities);
        return policy;
    }
}
