using System.CommandLine;
using System.Globalization;
using SecureStore.Client.Dimse;

namespace SecureStore.Client.Commands;

/// <summary>The options that say how another system is spoken to.</summary>
sealed class PeerOptions(CommandContext context)
{
    const int LongestAETitle = 16;
    const string TokenVariable = "SECURESTORE_PEER_TOKEN";

    readonly Option<string> _called = new("--called")
    {
        Description = "The other system's AE title.", HelpName = "AE", DefaultValueFactory = _ => "ANY-SCP",
    };

    readonly Option<string> _calling = new("--calling")
    {
        Description = "The AE title to call from.", HelpName = "AE", DefaultValueFactory = _ => "SECURESTORE-CLI",
    };

    readonly Option<bool> _tls = new("--tls") { Description = "Associate over TLS." };

    readonly Option<string?> _ca = new("--ca")
    {
        Description = "A PEM file: the authority that certifies the other system. Without it those that this machine trusts.", HelpName = "FILE",
    };

    readonly Option<string?> _cert = new("--cert") { Description = "A PEM file: the certificate to show.", HelpName = "FILE" };

    readonly Option<string?> _key = new("--key") { Description = "A PEM file: the private key of --cert.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _called, _calling, _tls, _ca, _cert, _key })
        {
            command.Add(option);
        }
    }

    /// <summary>An application entity by HOST:PORT.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="address">HOST:PORT.</param>
    /// <param name="takesToken">Whether --token is meant for it, and not for the archive.</param>
    /// <exception cref="UsageException">An option is wrong, or a token would go out in the clear.</exception>
    public DimsePeer Peer(ParseResult parsed, string address, bool takesToken)
    {
        var (host, port) = HostAndPort(address);
        var encrypted = parsed.GetValue(_tls);
        if (!encrypted && (parsed.GetValue(_ca) ?? parsed.GetValue(_cert) ?? parsed.GetValue(_key)) is not null)
        {
            throw new UsageException("--ca, --cert and --key are of no use without --tls");
        }

        var peer = new DimsePeer
        {
            Host = host,
            Port = port,
            CalledAE = Title(parsed.GetValue(_called)!, "--called"),
            CallingAE = Title(parsed.GetValue(_calling)!, "--calling"),
            Tls = encrypted ? Tls(parsed).ToClient(host) : null,
            Token = TokenOf(parsed, takesToken),
        };
        if (!encrypted && !peer.IsThisMachine)
        {
            if (peer.Token is not null)
            {
                throw new UsageException("a token goes to another machine over TLS only; give --tls");
            }

            context.Messages.Error($"warning: the association with {host} is not encrypted; use --tls");
        }

        return peer;
    }

    /// <summary>What TLS trusts and shows.</summary>
    public ClientTls Tls(ParseResult parsed)
    {
        var (certificate, key) = (parsed.GetValue(_cert), parsed.GetValue(_key));
        return certificate is null == key is null
            ? ClientTls.Load(parsed.GetValue(_ca), certificate, key)
            : throw new UsageException("--cert and --key go together");
    }

    public bool IsEncrypted(ParseResult parsed) => parsed.GetValue(_tls);

    /// <summary>
    /// The token for the other system. The archive's own, in SECURESTORE_TOKEN, is never sent there by itself: it would open the archive to
    /// whoever reads it there.
    /// </summary>
    public string? TokenOf(ParseResult parsed, bool takesToken) =>
        CommandContext.CheckToken((takesToken ? parsed.GetValue(context.Token) : null) ?? context.Variable(TokenVariable));

    static (string Host, int Port) HostAndPort(string address)
    {
        var colon = address.LastIndexOf(':');
        var host = colon > 0 ? address[..colon].TrimStart('[').TrimEnd(']') : "";
        return host.Length > 0 && !host.Any(c => c is '/' or '@' || char.IsWhiteSpace(c))
            && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
                ? (host, port)
                : throw new UsageException($"'{address}' is not HOST:PORT");
    }

    /// <summary>PS3.5 6.2.</summary>
    public static string Title(string title, string option) =>
        title.Length is > 0 and <= LongestAETitle && title.Trim() == title && title.All(c => c is >= ' ' and <= '~' and not '\\')
            ? title
            : throw new UsageException($"{option} must be an AE title: 1 to 16 characters, no backslash, no space at the ends");
}
