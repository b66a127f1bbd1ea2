using System.CommandLine;
using SecureStore.Client.Files;
using SecureStore.Client.Output;

namespace SecureStore.Client.Commands;

/// <summary>What all commands share: the options of every command, where to write, and the way to the archive.</summary>
sealed class CommandContext(CommandIo io)
{
    const string DefaultUrl = "http://localhost:8080";

    public CommandIo Io { get; } = io;

    public Messages Messages { get; } = new(io);

    public Results Results { get; } = new(io);

    public Option<string?> Url { get; } = new("--url")
    {
        Description = $"The archive's address; or set SECURESTORE_URL. Default: {DefaultUrl}",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "The policy token. Better to set SECURESTORE_TOKEN: others on this machine can see a command line.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Write results as JSON.", Recursive = true };

    public Uri UrlOf(ParseResult parsed)
    {
        var text = parsed.GetValue(Url) ?? Variable("SECURESTORE_URL") ?? DefaultUrl;
        return Web(text) ?? throw new UsageException("--url must be an http or https address, such as https://archive.example");
    }

    /// <summary>An http or https address; null where it is none.</summary>
    public static Uri? Web(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url is { UserInfo: "", Query: "", Fragment: "" }
            ? url
            : null;

    /// <summary>The archive, with the token.</summary>
    public SecureStoreClient Connect(ParseResult parsed) => Open(UrlOf(parsed), TokenOf(parsed)
        ?? throw new UsageException("no token: set SECURESTORE_TOKEN or give --token ('securestore token issue' makes one)"));

    /// <summary>The archive, without a token.</summary>
    public SecureStoreClient ConnectWithoutToken(ParseResult parsed) => Open(UrlOf(parsed), null);

    public string? TokenOf(ParseResult parsed) => CheckToken(parsed.GetValue(Token) ?? Variable("SECURESTORE_TOKEN"));

    public static string? CheckToken(string? text)
    {
        var token = text?.Trim();
        return token is null || (token.Length > 0 && token.All(c => c is > ' ' and < '\x7F'))
            ? token
            : throw new UsageException("the token holds characters that no token has");
    }

    /// <summary>A variable of the environment; null where it is not set, or is blank.</summary>
    public string? Variable(string name) => Io.Environment(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>An argument that names a study.</summary>
    public static Argument<string> StudyArgument() => new("STUDY") { Description = "The Study Instance UID." };

    public static string StudyOf(ParseResult parsed, Argument<string> argument) => CheckUid(parsed.GetValue(argument)!);

    public static string CheckUid(string text) =>
        DicomIdentity.IsUid(text) ? text : throw new UsageException($"'{text}' is not a Study Instance UID");

    SecureStoreClient Open(Uri url, string? token) => Open(new SecureStoreClientOptions { Url = url, Token = token });

    /// <summary>A DICOMweb service.</summary>
    public SecureStoreClient Open(SecureStoreClientOptions options)
    {
        if (options.Url.Scheme == Uri.UriSchemeHttp && !options.Url.IsLoopback)
        {
            Messages.Error($"warning: the connection to {options.Url.Host} is not encrypted; use https");
        }

        return new SecureStoreClient(options with
        {
            TimeProvider = Io.TimeProvider,
            Waiting = delay => Messages.Line($"The archive is busy or away; trying again in {delay.TotalSeconds:0.#} s."),
        });
    }
}
