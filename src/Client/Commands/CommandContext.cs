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
        var text = parsed.GetValue(Url) ?? NotEmpty(Io.Environment("SECURESTORE_URL")) ?? DefaultUrl;
        return Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url is { UserInfo: "", Query: "", Fragment: "" }
                ? url
                : throw new UsageException("--url must be an http or https address, such as https://archive.example");
    }

    /// <summary>The archive, with the token.</summary>
    public SecureStoreClient Connect(ParseResult parsed) => Open(UrlOf(parsed), TokenOf(parsed)
        ?? throw new UsageException("no token: set SECURESTORE_TOKEN or give --token ('securestore token issue' makes one)"));

    /// <summary>The archive, without a token.</summary>
    public SecureStoreClient ConnectWithoutToken(ParseResult parsed) => Open(UrlOf(parsed), null);

    public string? TokenOf(ParseResult parsed)
    {
        var token = (parsed.GetValue(Token) ?? NotEmpty(Io.Environment("SECURESTORE_TOKEN")))?.Trim();
        return token is null || (token.Length > 0 && token.All(c => c is > ' ' and < '\x7F'))
            ? token
            : throw new UsageException("the token holds characters that no token has");
    }

    /// <summary>An argument that names a study.</summary>
    public static Argument<string> StudyArgument() => new("STUDY") { Description = "The Study Instance UID." };

    public static string StudyOf(ParseResult parsed, Argument<string> argument) => CheckUid(parsed.GetValue(argument)!);

    public static string CheckUid(string text) =>
        DicomIdentity.IsUid(text) ? text : throw new UsageException($"'{text}' is not a Study Instance UID");

    SecureStoreClient Open(Uri url, string? token)
    {
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
        {
            Messages.Error($"warning: the connection to {url.Host} is not encrypted; use https");
        }

        return new SecureStoreClient(new SecureStoreClientOptions
        {
            Url = url,
            Token = token,
            TimeProvider = Io.TimeProvider,
            Waiting = delay => Messages.Line($"The archive is busy or away; trying again in {delay.TotalSeconds:0.#} s."),
        });
    }

    static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
