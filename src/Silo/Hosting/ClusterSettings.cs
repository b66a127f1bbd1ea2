using System.Globalization;
using System.Net;

namespace SecureStore.Silo.Hosting;

/// <summary>What makes a silo one of a cluster: read where <c>ConnectionStrings:Cluster</c> is given.</summary>
internal sealed record ClusterSettings
{
    private const string Connection = "ConnectionStrings:Cluster";
    private const int LongestId = 63;

    /// <summary>Cluster:Id: its members' certificates carry it as DNS name.</summary>
    public required string Id { get; init; }

    /// <summary>The connection string of the database in which the silos find one another.</summary>
    public required string Database { get; init; }

    /// <summary>Cluster:Address and Cluster:SiloPort: where the other silos reach this one.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary>Cluster:Certificate: this silo's certificate, PEM, with what leads up to the authority.</summary>
    public required string Certificate { get; init; }

    /// <summary>Cluster:CertificateKey: its private key, PEM.</summary>
    public required string CertificateKey { get; init; }

    /// <summary>Cluster:Authority: the cluster's certificate authority, PEM; two while one follows the other.</summary>
    public required string Authority { get; init; }

    /// <returns>Null where the silo stands alone.</returns>
    /// <exception cref="SettingException">A setting is wrong or missing.</exception>
    public static ClusterSettings? Read(IConfiguration configuration, StorageSettings storage)
    {
        if (configuration[Connection] is null)
        {
            configuration.RefuseWithout(
                Connection, "Cluster:Id", "Cluster:Address", "Cluster:SiloPort", "Cluster:Certificate", "Cluster:CertificateKey", "Cluster:Authority");
            return null;
        }

        const string reason = Connection + " makes this silo one of a cluster";
        var database = StorageSettings.Database(configuration, Connection, "it is where the silos of a cluster find one another");
        if (storage.PostgreSql is null)
        {
            throw new SettingException($"Catalog:Provider must be PostgreSql, because {reason}.");
        }

        if (storage.AzureBlob is null)
        {
            throw new SettingException($"Objects:Provider must be AzureBlob, because {reason}.");
        }

        if (configuration["Tokens:Issuer"] is null)
        {
            throw new SettingException($"Tokens:Issuer must be given, because {reason}, and all of them issue and accept the same tokens.");
        }

        return new ClusterSettings
        {
            Id = ReadId(configuration),
            Database = database.ConnectionString,
            Endpoint = new IPEndPoint(Address(configuration), Port(configuration)),
            Certificate = configuration.File("Cluster:Certificate", "the PEM file of this silo's certificate", reason),
            CertificateKey = configuration.File("Cluster:CertificateKey", "the PEM file of the private key of Cluster:Certificate", reason),
            Authority = configuration.File("Cluster:Authority", "the PEM file of the authority that certifies the cluster's silos", reason),
        };
    }

    /// <summary>Says nothing: the connection string holds a password.</summary>
    public override string ToString() => nameof(ClusterSettings);

    private static string ReadId(IConfiguration configuration)
    {
        var id = configuration["Cluster:Id"] ?? "securestore";
        return id.Length is > 0 and <= LongestId && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.')
            ? id
            : throw new SettingException($"Cluster:Id must be 1 to {LongestId} lower-case letters, digits, hyphens and dots: certificates carry it as DNS name.");
    }

    private static IPAddress Address(IConfiguration configuration) =>
        configuration["Cluster:Address"] is not { } value ? IPAddress.Loopback
        : IPAddress.TryParse(value, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? address
        : throw new SettingException("Cluster:Address must be the IP address at which the other silos reach this one.");

    private static int Port(IConfiguration configuration) =>
        configuration["Cluster:SiloPort"] is not { } value ? 11111
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort ? port
        : throw new SettingException($"Cluster:SiloPort must be a port from 1 to {IPEndPoint.MaxPort}.");
}
