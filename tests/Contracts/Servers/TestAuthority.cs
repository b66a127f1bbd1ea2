using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecureStore.Contracts.Servers;

/// <summary>A certificate authority for the silos of a test, and the PEM files that it gives out.</summary>
public sealed class TestAuthority : IDisposable
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 root;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-10), DateTimeOffset.UtcNow.AddYears(10));
    }

    public string Pem => root.ExportCertificatePem();

    /// <summary>A certificate with its key.</summary>
    /// <param name="name">The DNS name that it carries; null for none.</param>
    /// <param name="from">From when it is good; a day ago where nothing is said.</param>
    /// <param name="until">Until when it is good; a day from now where nothing is said.</param>
    /// <param name="purposes">Extended key usages; both ends of TLS where nothing is said.</param>
    public X509Certificate2 Certify(string? name, DateTimeOffset? from = null, DateTimeOffset? until = null, params string[] purposes) =>
        Certify(name, from, until, purposes, null);

    /// <summary>A certificate with an extension more.</summary>
    public X509Certificate2 CertifyWith(X509Extension extension) => Certify(null, null, null, [], extension);

    private X509Certificate2 Certify(string? name, DateTimeOffset? from, DateTimeOffset? until, string[] purposes, X509Extension? more)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [.. (purposes.Length > 0 ? purposes : [ServerAuthentication, ClientAuthentication]).Select(purpose => new Oid(purpose))], false));
        // As real authorities do, which keep their name when they get a new key.
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        if (more is not null)
        {
            request.CertificateExtensions.Add(more);
        }

        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(
            root, from ?? DateTimeOffset.UtcNow.AddDays(-1), until ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a certificate and its key as <c>NAME.pem</c> and <c>NAME.key</c>, the key for its owner alone.</summary>
    public static (string Certificate, string Key) Write(string folder, string name, X509Certificate2 certificate)
    {
        var (certificateFile, keyFile) = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("The certificate has no key.", nameof(certificate));
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return (certificateFile, keyFile);
    }

    public string WriteAuthority(string folder, string name = "authority")
    {
        var file = Path.Combine(folder, name + ".pem");
        File.WriteAllText(file, Pem);
        return file;
    }

    public void Dispose() => root.Dispose();
}
