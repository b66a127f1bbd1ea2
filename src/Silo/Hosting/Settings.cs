using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Dimse;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Hosting;

/// <summary>The archive's settings, read once at start and checked: what is wrong stops the start.</summary>
internal sealed record Settings
{
    public const string DefaultUrl = "http://localhost:8080";

    private static readonly FrozenSet<string> OwnSettings = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Data:Path", "Keys:Path", "Catalog:Provider", "Objects:Provider", "Vault:Provider", "Vault:BackupWindow", "Vault:EpochPeriod",
        "Objects:Container", "ConnectionStrings:Catalog", "ConnectionStrings:Vault", "ConnectionStrings:Objects", "ConnectionStrings:Cluster",
        "Cluster:Id", "Cluster:Address", "Cluster:SiloPort", "Cluster:Certificate", "Cluster:CertificateKey", "Cluster:Authority",
        "Identity:OnMismatch", "Http:AllowPlaintextBeyondLoopback", "Http:DrainDelay", "Tokens:Issuer", "Tokens:Audience",
        "DicomWeb:StrictTransferSyntax", "DicomWeb:MaxParts", "Metrics:Loopback", "Objects:OrphanGrace", "Audit:AcceptHead", "Dimse:Port", "Dimse:Address",
        "Dimse:AeTitle", "Dimse:Certificate", "Dimse:CertificateKey", "Dimse:AllowPlaintextBeyondLoopback", "Dimse:UnknownSopClasses", "Dimse:MaxAssociations",
        "Dimse:IdleTimeout", "Codecs:Workers", "Codecs:Queue", "Codecs:TimeLimit", "Rendering:MaxPixels", KubernetesHosting.Setting);

    private static readonly FrozenSet<string> OwnSections = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, [.. OwnSettings.Select(setting => setting.Split(':')[0])]);

    private static readonly FrozenSet<string> OtherSections = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, RetentionOptions.Section, "Logging", "Kestrel");

    private static readonly string[] CheckedElsewhere = ["DicomWeb:CorsOrigins:", "Dimse:Peers:", "Dimse:Forward:"];

    /// <summary>Data:Path, absolute.</summary>
    public required string DataPath { get; init; }

    /// <summary>Keys:Path, absolute; never under <see cref="DataPath"/>.</summary>
    public required string KeysPath { get; init; }

    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>How long the archive goes on serving after it has said that it is not ready any more, when it stops.</summary>
    public required TimeSpan DrainDelay { get; init; }

    public required VaultOptions Vault { get; init; }

    public required RetentionOptions Retention { get; init; }

    public required StudyOptions Studies { get; init; }

    public required StorageSettings Storage { get; init; }

    public required IntegrityOptions Integrity { get; init; }

    public required DimseSettings Dimse { get; init; }

    public required CodecSettings Codecs { get; init; }

    public required RenderSettings Rendering { get; init; }

    /// <summary>Audit:AcceptHead: the size of the audit log that an operator accepts though a newer one was seen.</summary>
    public long? AcceptHead { get; init; }

    /// <summary>Null where the silo stands alone.</summary>
    public required ClusterSettings? Cluster { get; init; }

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        RefuseUnknown(configuration);
        configuration.OneOf("Vault:Provider", "File");
        var storage = StorageSettings.Read(configuration);
        var data = configuration.Folder("Data:Path", "data");
        var keys = configuration.Folder("Keys:Path", "keys");
        if (Contains(RealPath(data), RealPath(keys)) || Contains(RealPath(keys), RealPath(data)))
        {
            throw new SettingException("Keys:Path and Data:Path must not lie in one another: a stolen copy of the data must not hold its keys.");
        }

        return new Settings
        {
            DataPath = data,
            KeysPath = keys,
            Urls = CheckedUrls(configuration),
            DrainDelay = configuration.Period("Http:DrainDelay", TimeSpan.Zero, TimeSpan.Zero),
            Storage = storage,
            Cluster = ClusterSettings.Read(configuration, storage),
            Vault = new VaultOptions
            {
                BackupWindow = configuration.Period("Vault:BackupWindow", TimeSpan.FromDays(7), TimeSpan.Zero),
                EpochPeriod = configuration.Period("Vault:EpochPeriod", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1)),
            },
            Retention = ReadRetention(configuration),
            Integrity = new IntegrityOptions
            {
                OrphanGrace = configuration.Period("Objects:OrphanGrace", TimeSpan.FromDays(1), TimeSpan.FromHours(1)),
            },
            AcceptHead = ReadAcceptHead(configuration),
            Dimse = DimseSettings.Read(configuration),
            Codecs = CodecSettings.Read(configuration),
            Rendering = RenderSettings.Read(configuration),
            Studies = new StudyOptions
            {
                OnMismatch = Enum.Parse<PatientMismatchRule>(configuration.OneOf("Identity:OnMismatch", "Flag", "Refuse")),
            },
        };
    }

    private static long? ReadAcceptHead(IConfiguration configuration) =>
        configuration["Audit:AcceptHead"] is not { } value ? null
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size
        : throw new SettingException("Audit:AcceptHead must be the number of entries that the audit log has.");

    private static RetentionOptions ReadRetention(IConfiguration configuration)
    {
        try
        {
            return RetentionOptions.Bind(configuration);
        }
        catch (FormatException wrong)
        {
            throw new SettingException(wrong.Message);
        }
    }

    /// <summary>The path with each symbolic link on it followed, as far as it exists.</summary>
    private static string RealPath(string path, int links = 0)
    {
        const int mostLinks = 40;
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var real = Path.Combine(RealPath(parent, links), Path.GetFileName(path));
        return new FileInfo(real).LinkTarget is not { } target ? real
            : links < mostLinks ? RealPath(Path.GetFullPath(target, Path.GetDirectoryName(real)!), links + 1)
            : throw new SettingException("Data:Path and Keys:Path must not lead through symbolic links in a circle.");
    }

    private static bool Contains(string outer, string inner) =>
        (inner + Path.DirectorySeparatorChar).StartsWith(outer + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Tokens and images over plain HTTP stay on this machine, unless a setting with a plain name says otherwise.</summary>
    private static string[] CheckedUrls(IConfiguration configuration)
    {
        var urls = (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var allowPlaintext = bool.Parse(configuration.OneOf("Http:AllowPlaintextBeyondLoopback", "false", "true"));
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint.GetSection("Url"));
        foreach (var (setting, url) in urls.Select(url => ("urls", url)).Concat(endpoints.Select(endpoint => (endpoint.Path, endpoint.Value ?? ""))))
        {
            var address = Address(setting, url);
            var isLoopback = address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
            if (address.Scheme != "https" && !isLoopback && !allowPlaintext)
            {
                throw new SettingException(
                    $"{setting}: {url} would send images and tokens unencrypted beyond this machine; use https, or set Http:AllowPlaintextBeyondLoopback=true behind a proxy that does.");
            }
        }

        return urls.Length > 0 ? urls : throw new SettingException("urls must name an address to listen on.");
    }

    private static BindingAddress Address(string setting, string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw new SettingException($"{setting} must name addresses like {DefaultUrl}, not '{url}'.");
        }
    }

    /// <summary>Checks what was given to this program by name (SECURESTORE_ variables, command line): each section must exist.</summary>
    /// <exception cref="SettingException">One does not.</exception>
    public static void RefuseUnknownSections(IConfiguration given)
    {
        foreach (var (setting, _) in given.AsEnumerable().Where(one => one.Value is not null && one.Key.Contains(':')))
        {
            var section = setting.Split(':')[0];
            if (!OwnSections.Contains(section) && !OtherSections.Contains(section))
            {
                throw new SettingException($"{setting} is not a setting that exists.");
            }
        }
    }

    /// <summary>A setting that does not exist was meant to do something: a misspelt one must not pass unseen.</summary>
    private static void RefuseUnknown(IConfiguration configuration)
    {
        foreach (var (setting, _) in configuration.AsEnumerable().Where(one => one.Value is not null))
        {
            var section = setting.Split(':')[0];
            if (setting.Contains(':') && OwnSections.Contains(section) && !OwnSettings.Contains(setting)
                && !CheckedElsewhere.Any(prefix => setting.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                throw new SettingException($"{setting} is not a setting that exists.");
            }
        }
    }
}
