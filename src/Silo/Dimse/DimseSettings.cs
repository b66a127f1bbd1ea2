using System.Net;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Dimse;

/// <summary>The DIMSE listener's settings (docs/dimse.md), read once at start; what is wrong stops the start.</summary>
internal sealed record DimseSettings
{
    /// <summary>The port that IANA has for DICOM, where nothing needs to be root.</summary>
    private const int DefaultPort = 11112;

    /// <summary>Where to listen; none where Dimse:Port is 0.</summary>
    public required IReadOnlyList<IPEndPoint> EndPoints { get; init; }

    public required string AeTitle { get; init; }

    public required IReadOnlyList<DimsePeer> Peers { get; init; }

    /// <summary>What is sent on, and where to; nothing where there is none.</summary>
    public required IReadOnlyList<ForwardRule> Forward { get; init; }

    /// <summary>Dimse:Certificate with its key: the listener speaks TLS and nothing else.</summary>
    public required X509Certificate2? Certificate { get; init; }

    /// <summary>Whether SOP classes that PS3.6 does not list are taken for storage classes.</summary>
    public required bool AcceptUnknownSopClasses { get; init; }

    public required int MaxAssociations { get; init; }

    public required DicomNetworkLimits Limits { get; init; }

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static DimseSettings Read(IConfiguration configuration)
    {
        var port = configuration.Number("Dimse:Port", DefaultPort, 0, 65535);
        var certificate = ReadCertificate(configuration);
        var peers = configuration.GetSection("Dimse:Peers").GetChildren().Select(peer => DimsePeer.Read(peer, certificate is not null)).ToList();
        if (peers.GroupBy(peer => peer.AeTitle).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new SettingException($"Dimse:Peers names {twice.Key} twice.");
        }

        var allowPlaintext = bool.Parse(configuration.OneOf("Dimse:AllowPlaintextBeyondLoopback", "false", "true"));
        if (!allowPlaintext && peers.FirstOrDefault(peer => peer.Destination is { } destination && peer.DestinationAuthority is null && !IsThisMachine(destination.Host)) is { } far)
        {
            throw new SettingException(
                $"Dimse:Peers: {far.AeTitle} would be sent images unencrypted beyond this machine; give its DestinationAuthority, or set Dimse:AllowPlaintextBeyondLoopback=true where the network is trusted.");
        }

        return new DimseSettings
        {
            EndPoints = port == 0 ? [] : [.. Addresses(configuration, certificate is not null, allowPlaintext).Select(address => new IPEndPoint(address, port))],
            AeTitle = DimsePeer.Title(configuration["Dimse:AeTitle"] ?? "SECURESTORE", "Dimse:AeTitle"),
            Peers = peers,
            Forward = [.. configuration.GetSection("Dimse:Forward").GetChildren().Select(rule => ForwardRule.Read(rule, peers))],
            Certificate = certificate,
            AcceptUnknownSopClasses = configuration.OneOf("Dimse:UnknownSopClasses", "Refuse", "Accept") == "Accept",
            MaxAssociations = configuration.Number("Dimse:MaxAssociations", 500, 1, 100_000),
            Limits = new() { Idle = configuration.Period("Dimse:IdleTimeout", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1)) },
        };
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Images without TLS stay on this machine, unless a setting with a plain name says otherwise.</summary>
    private static IPAddress[] Addresses(IConfiguration configuration, bool hasTls, bool allowPlaintext)
    {
        const string setting = "Dimse:Address";
        if (configuration[setting] is not { } value)
        {
            return [IPAddress.Loopback];
        }

        if (!IPAddress.TryParse(value, out var address))
        {
            throw new SettingException($"{setting} must be an IP address to listen on, like 127.0.0.1 or 0.0.0.0.");
        }

        return IPAddress.IsLoopback(address) || hasTls || allowPlaintext
            ? [address]
            : throw new SettingException(
                $"{setting}: {value} would take images unencrypted from beyond this machine; give Dimse:Certificate and Dimse:CertificateKey, or set Dimse:AllowPlaintextBeyondLoopback=true where the network is trusted.");
    }

    private static X509Certificate2? ReadCertificate(IConfiguration configuration)
    {
        if (configuration["Dimse:Certificate"] is null)
        {
            configuration.RefuseWithout("Dimse:Certificate", "Dimse:CertificateKey");
            return null;
        }

        const string reason = "the DIMSE listener is to speak TLS";
        var file = configuration.File("Dimse:Certificate", "a PEM file", reason);
        var key = configuration.File("Dimse:CertificateKey", "the PEM file of the private key of Dimse:Certificate", reason);
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(file, key);

            // A key from PEM is of no use to SslStream everywhere; one from PKCS#12 is.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new SettingException("Dimse:Certificate and Dimse:CertificateKey must name a certificate and its private key in PEM files that can be read.");
        }
    }
}
