using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// The identity of a silo that stands alone: a certificate made in memory, whose key never leaves the process. No other is accepted,
/// so nobody else on the machine can call a grain.
/// </summary>
internal sealed class ProcessIdentity : ISiloIdentity, IDisposable
{
    private readonly X509Certificate2 certificate;

    public ProcessIdentity(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=SecureStore silo", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(100));
        Certificate = SslStreamCertificateContext.Create(certificate, null, offline: true);
    }

    public string ClusterName => "securestore";

    public SslStreamCertificateContext Certificate { get; }

    public X509ChainPolicy NewPolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { certificate },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    public bool IsMember(X509Certificate2 certificate, SslPolicyErrors errors) => IsOurs(certificate.RawData);

    public bool IsStillMember(SiloPeer peer) => IsOurs(peer.Certificate);

    public void Dispose() => certificate.Dispose();

    private bool IsOurs(byte[] other) => CryptographicOperations.FixedTimeEquals(other, certificate.RawData);
}
