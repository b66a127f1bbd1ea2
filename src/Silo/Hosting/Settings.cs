using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Hosting;

/// <summary>The archive's settings, read once at start and checked: what is wrong stops the start.</summary>
internal sealed record Settings
{
    public const string DefaultUrl = "http://localhost:8080";

    /// <summary>Data:Path, absolute.</summary>
    public required string DataPath { get; init; }

    /// <summary>Keys:Path, absolute; never under <see cref="DataPath"/>.</summary>
    public required string KeysPath { get; init; }

    public required IReadOnlyList<string> Urls { get; init; }

    public required VaultOptions Vault { get; init; }

    public required RetentionOptions Retention { get; init; }

    public required StudyOptions Studies { get; init; }

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        OneOf(configuration, "Catalog:Provider", "Sqlite");
        OneOf(configuration, "Objects:Provider", "Folder");
        OneOf(configuration, "Vault:Provider", "File");
        var data = Folder(configuration, "Data:Path", "data");
        var keys = Folder(configuration, "Keys:Path", "keys");
        if (Contains(data, keys) || Contains(keys, data))
        {
            throw new SettingException("Keys:Path and Data:Path must not lie in one another: a stolen copy of the data must not hold its keys.");
        }

        return new Settings
        {
            DataPath = data,
            KeysPath = keys,
            Urls = CheckedUrls(configuration),
            Vault = new VaultOptions
            {
                BackupWindow = Period(configuration, "Vault:BackupWindow", TimeSpan.FromDays(7), TimeSpan.Zero),
                EpochPeriod = Period(configuration, "Vault:EpochPeriod", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1)),
            },
            Retention = ReadRetention(configuration),
            Studies = new StudyOptions
            {
                OnMismatch = Enum.Parse<PatientMismatchRule>(OneOf(configuration, "Identity:OnMismatch", "Flag", "Refuse")),
            },
        };
    }

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

    private static string OneOf(IConfiguration configuration, string setting, params string[] allowed)
    {
        var value = configuration[setting] ?? allowed[0];
        return allowed.FirstOrDefault(one => one.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw new SettingException($"{setting} must be {string.Join(" or ", allowed)}, not '{value}'.");
    }

    private static string Folder(IConfiguration configuration, string setting, string otherwise)
    {
        var value = configuration[setting] ?? otherwise;
        return value.Length > 0 && !value.Contains('\0')
            ? Path.GetFullPath(value)
            : throw new SettingException($"{setting} must name a folder.");
    }

    private static bool Contains(string outer, string inner) =>
        (inner + Path.DirectorySeparatorChar).StartsWith(outer + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static TimeSpan Period(IConfiguration configuration, string setting, TimeSpan otherwise, TimeSpan least)
    {
        if (configuration[setting] is not { } value)
        {
            return otherwise;
        }

        return TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var period) && period >= least
            ? period
            : throw new SettingException($"{setting} must be a period of {least:c} or more, written like 7.00:00:00.");
    }

    /// <summary>Tokens and images over plain HTTP stay on this machine, unless a setting with a plain name says otherwise.</summary>
    private static string[] CheckedUrls(IConfiguration configuration)
    {
        var urls = (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var allowPlaintext = bool.Parse(OneOf(configuration, "Http:AllowPlaintextBeyondLoopback", "false", "true"));
        foreach (var url in urls)
        {
            var address = BindingAddress.Parse(url);
            var isLoopback = address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
            if (address.Scheme == "http" && !isLoopback && !allowPlaintext)
            {
                throw new SettingException(
                    $"urls: {url} would send images and tokens unencrypted beyond this machine; use https, or set Http:AllowPlaintextBeyondLoopback=true behind a proxy that does.");
            }
        }

        return urls;
    }
}
