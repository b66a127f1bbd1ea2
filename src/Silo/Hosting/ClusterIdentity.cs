using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// The identity of one silo of a cluster, from PEM files that are looked at again for each handshake: a new certificate, key or
/// authority counts as soon as it is there whole, without a restart. A member's certificate leads to the cluster's authority,
/// is within its time, may be used at that end of a connection, and carries the cluster's name.
/// </summary>
internal sealed class ClusterIdentity : ISiloIdentity
{
    private const UnixFileMode OfOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly ClusterSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private Loaded current;
    private string[] seen;

    /// <exception cref="SettingException">A file cannot be used, or the certificate is not one of the cluster.</exception>
    public ClusterIdentity(ClusterSettings settings, TimeProvider time, ILogger<ClusterIdentity> logger)
    {
        (this.settings, this.time, this.logger) = (settings, time, logger);
        seen = ReadFiles();
        current = Load(seen);
    }

    public string ClusterName => settings.Id;

    public SslStreamCertificateContext Certificate => Newest().Own;

    public X509ChainPolicy NewPolicy() => Policy(Newest().Authority);

    public bool IsMember(X509Certificate2 certificate, SslPolicyErrors errors) => errors == SslPolicyErrors.None && CarriesName(certificate);

    public bool IsStillMember(SiloPeer peer)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(peer.Certificate);
        return IsCertified(certificate, [.. peer.Chain.Select(X509CertificateLoader.LoadCertificate)], Newest().Authority) && CarriesName(certificate);
    }

    /// <summary>What the files say now; while they say nothing that can be used (half written, not yet all there), what they said before.</summary>
    private Loaded Newest()
    {
        lock (gate)
        {
            try
            {
                var files = ReadFiles();
                if (!files.SequenceEqual(seen))
                {
                    current = Load(files);
                    seen = files;
                    logger.LogInformation("This silo's certificate and its authority were read again; the certificate is good until {End:u}.", current.Own.TargetCertificate.NotAfter.ToUniversalTime());
                }
            }
            catch (SettingException wrong)
            {
                logger.LogError("The cluster's certificate files changed and cannot be used; the ones before stay in use: {Reason}", wrong.Message);
            }

            return current;
        }
    }

    private string[] ReadFiles()
    {
        RefuseOpenKey();
        return [Read("Cluster:Certificate", settings.Certificate), Read("Cluster:CertificateKey", settings.CertificateKey), Read("Cluster:Authority", settings.Authority)];
    }

    private Loaded Load(string[] files)
    {
        var authority = Certificates("Cluster:Authority", settings.Authority, files[2]);
        var sent = Certificates("Cluster:Certificate", settings.Certificate, files[0]);
        X509Certificate2 own;
        try
        {
            own = X509Certificate2.CreateFromPem(files[0], files[1]);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new SettingException($"Cluster:CertificateKey: {settings.CertificateKey} does not hold the unencrypted private key of Cluster:Certificate.");
        }

        X509Certificate2Collection above = [.. sent.Skip(1)];
        var now = time.GetUtcNow();
        return now < own.NotBefore.ToUniversalTime() || now > own.NotAfter.ToUniversalTime()
                ? throw new SettingException($"Cluster:Certificate: {settings.Certificate} is good from {own.NotBefore.ToUniversalTime():u} to {own.NotAfter.ToUniversalTime():u}, and not now.")
            : !CarriesName(own)
                ? throw new SettingException($"Cluster:Certificate: {settings.Certificate} does not carry the DNS name {settings.Id}, the Cluster:Id, as subject alternative name.")
            : !IsCertified(own, above, authority)
                ? throw new SettingException($"Cluster:Certificate: {settings.Certificate} is not certified, for both ends of TLS, by Cluster:Authority.")
            : new Loaded(SslStreamCertificateContext.Create(own, above, offline: true), authority);
    }

    private bool CarriesName(X509Certificate2 certificate) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(names => names.EnumerateDnsNames()).Contains(settings.Id, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it leads to the authority, is within its time, and may be used at both ends.</summary>
    private bool IsCertified(X509Certificate2 certificate, X509Certificate2Collection above, X509Certificate2Collection authority)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(authority) };
        chain.ChainPolicy.ExtraStore.AddRange(above);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    private X509ChainPolicy Policy(X509Certificate2Collection authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = time.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(authority);
        return policy;
    }

    private static X509Certificate2Collection Certificates(string setting, string file, string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates.Count > 0 ? certificates : throw new SettingException($"{setting}: {file} does not hold a certificate in PEM form.");
    }

    private static string Read(string setting, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{setting}: {file} cannot be read.");
        }
    }

    private void RefuseOpenKey()
    {
        var mode = default(UnixFileMode);
        try
        {
            mode = OperatingSystem.IsWindows() ? mode : File.GetUnixFileMode(settings.CertificateKey);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Reading it says what is wrong.
        }

        if ((mode & OfOthers) != 0)
        {
            throw new SettingException($"Cluster:CertificateKey: {settings.CertificateKey} is open to others than its owner and group; close it with chmod o=.");
        }
    }

    private sealed record Loaded(SslStreamCertificateContext Own, X509Certificate2Collection Authority);
}
