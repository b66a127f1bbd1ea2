using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Dicom.Network;

namespace SecureStore.Silo.Dimse;

/// <summary>How a peer is reached at its <see cref="DimsePeer.Destination"/>: over TLS where its authority is known.</summary>
internal static class DimseDestination
{
    /// <summary>Odd numbers of 8 bits (PS3.8 9.3.2.2).</summary>
    public const int MostContexts = 128;

    /// <param name="settings">The archive's own.</param>
    /// <param name="destination">Has a <see cref="DimsePeer.Destination"/>.</param>
    /// <param name="contexts">SOP classes, each with transfer syntaxes; what has no number any more is left out.</param>
    /// <param name="clock">For the time limits.</param>
    public static DicomClientOptions Reach(
        DimseSettings settings, DimsePeer destination, IEnumerable<(string SopClass, IReadOnlyList<string> TransferSyntaxes)> contexts, TimeProvider clock)
    {
        var (host, port) = destination.Destination!.Value;
        return new()
        {
            Host = host,
            Port = port,
            CalledAE = destination.AeTitle,
            CallingAE = settings.AeTitle,
            Contexts = [.. contexts.Take(MostContexts)],
            Tls = destination.DestinationAuthority is { } authority ? Tls(settings, authority, host) : null,
            Limits = settings.Limits,
            Time = clock,
        };
    }

    private static SslClientAuthenticationOptions Tls(DimseSettings settings, X509Certificate2 authority, string host) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        CipherSuitesPolicy = DicomTls.CipherSuites(),
        ClientCertificates = settings.Certificate is { } own ? [own] : [],
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };
}
