using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tokens;

/// <summary>The built-in issuer's settings.</summary>
internal sealed record TokenSettings
{
    /// <summary>Shortest, usual and longest life of a token.</summary>
    public static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(60);

    /// <inheritdoc cref="MinLifetime"/>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    /// <inheritdoc cref="MinLifetime"/>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(1);

    /// <summary>Tokens:Issuer, or the first of the server's addresses, with a name in place of a wildcard.</summary>
    public required Uri Issuer { get; init; }

    /// <summary>Tokens:Audience.</summary>
    public required string Audience { get; init; }

    /// <summary>The database of clients and revocations: <c>tokens.db</c> under Data:Path.</summary>
    public required string Database { get; init; }

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static TokenSettings Read(IConfiguration configuration) => new()
    {
        Issuer = ReadIssuer(configuration),
        Audience = configuration["Tokens:Audience"] is not { } audience ? "securestore"
            : audience.Length is > 0 and <= 256 && !audience.Any(char.IsWhiteSpace) ? audience
            : throw new SettingException("Tokens:Audience must be 1 to 256 characters without white space."),
        Database = Path.Combine(Path.GetFullPath(configuration["Data:Path"] ?? "data"), "tokens.db"),
    };

    private static Uri ReadIssuer(IConfiguration configuration)
    {
        if (configuration["Tokens:Issuer"] is not { } issuer)
            return FirstAddress(configuration["urls"]);
        return Uri.TryCreate(issuer, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : throw new SettingException("Tokens:Issuer must be an http or https address without query and fragment (RFC 8414 2).");
    }

    private static Uri FirstAddress(string? urls)
    {
        var first = urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? Settings.DefaultUrl;
        var address = BindingAddress.Parse(first);
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port) { Path = "/" }.Uri;
    }
}
