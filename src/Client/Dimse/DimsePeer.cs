using System.Net;
using System.Net.Security;
using System.Text;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>Another application entity, and how to associate with it. Says nothing of the token.</summary>
sealed record DimsePeer
{
    /// <summary>Contexts of one association (PS3.8 9.3.2.2: odd numbers from 1 to 255).</summary>
    public const int MostContexts = 128;

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string CalledAE { get; init; }

    public required string CallingAE { get; init; }

    /// <summary>Null for no TLS.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Presented as JSON Web Token in User Identity (PS3.7 D.3.3.7, type 5); null for none.</summary>
    public string? Token { get; init; }

    public bool IsThisMachine => IsLoopback(Host);

    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <exception cref="DicomClientException">No association; the message names the peer.</exception>
    public async Task<DicomClient> OpenAsync(
        IReadOnlyList<(string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes)> contexts, IReadOnlyList<DicomRoleSelection> roles, CancellationToken cancellation)
    {
        var options = new DicomClientOptions
        {
            Host = Host,
            Port = Port,
            CalledAE = CalledAE,
            CallingAE = CallingAE,
            Contexts = contexts,
            Roles = roles,
            Tls = Tls,
            UserIdentity = Token is null ? null : new DicomUserIdentity(DicomUserIdentityType.Jwt, false, Encoding.ASCII.GetBytes(Token), default),
        };
        try
        {
            return await DicomClient.OpenAsync(options, cancellation).ConfigureAwait(false);
        }
        catch (DicomClientException e)
        {
            throw new DicomClientException($"{this}: {e.Message}", e);
        }
    }

    public override string ToString() => $"{CalledAE} at {Host}:{Port}";
}
