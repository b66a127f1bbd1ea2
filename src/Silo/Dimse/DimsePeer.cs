using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Dimse;

/// <summary>An application entity that may associate: who it is, how it shows that, and what it may do.</summary>
internal sealed record DimsePeer
{
    /// <summary>id-kp-clientAuth (RFC 5280 4.2.1.12); a certificate without extended key usage is good for it, too.</summary>
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly string[] Names = ["AeTitle", "Addresses", "Certificate", "Policy", "Purpose", "Issuer", "Host", "Port", "DestinationAuthority"];

    public required string AeTitle { get; init; }

    /// <summary>Where it may call from; any address where there is none, which only a peer with a certificate may have.</summary>
    public required IReadOnlyList<IPNetwork> Addresses { get; init; }

    /// <summary>The certificate that it must show, or that of the authority that has issued it; null where AE title and address are all that is known.</summary>
    public required X509Certificate2? Certificate { get; init; }

    /// <summary>What it may do everywhere in the archive.</summary>
    public required PolicyActions Policy { get; init; }

    /// <summary>HL7 v3 PurposeOfUse.</summary>
    public required string Purpose { get; init; }

    /// <summary>The issuer of its patient IDs, where its images name none.</summary>
    public required string Issuer { get; init; }

    /// <summary>Where C-MOVE, reports of storage commitment and forwarding reach it; null where they cannot.</summary>
    public required (string Host, int Port)? Destination { get; init; }

    /// <summary>The authority that certifies <see cref="Destination"/>, which then is spoken to over TLS.</summary>
    public required X509Certificate2? DestinationAuthority { get; init; }

    /// <param name="peer">A child of Dimse:Peers.</param>
    /// <param name="hasTls">Whether the listener speaks TLS.</param>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static DimsePeer Read(IConfigurationSection peer, bool hasTls)
    {
        if (peer.GetChildren().FirstOrDefault(one => !Names.Contains(one.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new SettingException($"{unknown.Path} is not a setting that exists.");
        }

        // What is written in the wrong form is not there for whoever reads it, and would leave a peer with less to show.
        if (peer.GetChildren().FirstOrDefault(one => one.Key.Equals("Addresses", StringComparison.OrdinalIgnoreCase) ? one.Value is { Length: > 0 } : one.GetChildren().Any()) is { } wrong)
        {
            throw new SettingException(wrong.Value is null ? $"{wrong.Path} is one value, not a list." : $"{wrong.Path} is a list: {wrong.Path}:0={wrong.Value}.");
        }

        var certificate = Certified(peer, "Certificate");
        if (certificate is not null && !hasTls)
        {
            throw new SettingException($"{peer.Path}:Certificate is of no use without Dimse:Certificate: certificates are shown over TLS.");
        }

        var addresses = peer.GetSection("Addresses").GetChildren().Select(Network).ToList();
        if (addresses.Count == 0 && certificate is null)
        {
            throw new SettingException($"{peer.Path} needs Addresses or a Certificate: an AE title alone is nothing that a peer can be known by.");
        }

        if (certificate is null && addresses.Any(network => network.PrefixLength == 0))
        {
            throw new SettingException($"{peer.Path}:Addresses takes in everybody: an AE title alone is nothing that a peer can be known by; name its addresses, or its Certificate.");
        }

        var policy = Actions(peer);
        if (certificate is null && (policy & ~PolicyActions.Store) != 0)
        {
            throw new SettingException($"{peer.Path}:Policy: who is known by AE title and address alone can store and nothing else; name its Certificate.");
        }

        var purpose = peer["Purpose"] ?? "TREAT";
        return new DimsePeer
        {
            AeTitle = Title(peer["AeTitle"] ?? "", $"{peer.Path}:AeTitle"),
            Addresses = addresses,
            Certificate = certificate,
            Policy = policy,
            Purpose = PurposeOfUse.IsKnown(purpose) ? purpose : throw new SettingException($"{peer.Path}:Purpose must be a code of HL7's PurposeOfUse, like TREAT."),
            Issuer = peer["Issuer"] ?? "",
            Destination = Reach(peer),
            DestinationAuthority = Certified(peer, "DestinationAuthority"),
        };
    }

    /// <exception cref="SettingException">It is no AE title (PS3.5 6.2).</exception>
    public static string Title(string value, string setting) =>
        value.Length is > 0 and <= DicomAssociation.MaxAELength && value.Trim() == value && value.All(letter => letter is >= ' ' and <= '~' and not '\\')
            ? value
            : throw new SettingException($"{setting} must be an AE title: 1 to 16 characters, no backslash, no space at the ends.");

    /// <summary>Whether a call from there, with that certificate, is this peer's.</summary>
    public bool Is(string aeTitle, DicomPeer caller) =>
        aeTitle == AeTitle
        && (Addresses.Count == 0 || Addresses.Any(network => network.Contains(Plain(caller.EndPoint.Address))))
        && (Certificate is null || (caller.Certificate is { } shown && IsShownBy(shown, Certificate)));

    /// <summary>Whether a certificate is the one that is expected, or is in force and issued by it.</summary>
    private static bool IsShownBy(X509Certificate2 shown, X509Certificate2 expected)
    {
        if (shown.RawDataMemory.Span.SequenceEqual(expected.RawDataMemory.Span))
        {
            return shown.NotBefore <= DateTime.Now && DateTime.Now <= shown.NotAfter;
        }

        // An authority certifies peers, and is none.
        if (shown.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(expected);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(shown);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static PolicyActions Actions(IConfigurationSection peer)
    {
        var actions = PolicyActions.None;
        foreach (var name in (peer["Policy"] ?? "store").Split(',', StringSplitOptions.TrimEntries))
        {
            actions |= PolicyActionNames.Parse(name) is var action and (PolicyActions.Store or PolicyActions.Search or PolicyActions.Read)
                ? action
                : throw new SettingException($"{peer.Path}:Policy must be one or more of store, search and read, with commas between them.");
        }

        return actions;
    }

    private static IPNetwork Network(IConfigurationSection setting) =>
        IPAddress.TryParse(setting.Value, out var address) ? new(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(setting.Value, out var network) ? network
        : throw new SettingException($"{setting.Path} must be an IP address, or a network like 10.1.2.0/24.");

    private static (string, int)? Reach(IConfigurationSection peer)
    {
        if (peer["Host"] is not { Length: > 0 } host)
        {
            return peer["Port"] is null && peer["DestinationAuthority"] is null ? null : throw new SettingException($"{peer.Path}:Port and DestinationAuthority are of no use without {peer.Path}:Host.");
        }

        return int.TryParse(peer["Port"], out var port) && port is > 0 and <= 65535
            ? (host, port)
            : throw new SettingException($"{peer.Path}:Port must be the port at which {peer.Path}:Host takes associations.");
    }

    private static X509Certificate2? Certified(IConfigurationSection peer, string name)
    {
        if (peer[name] is not { } file)
        {
            return null;
        }

        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SettingException($"{peer.Path}:{name} must name a PEM file with a certificate that can be read.");
        }
    }
}
