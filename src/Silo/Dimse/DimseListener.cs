using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Dicom.Network;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Dimse;

/// <summary>Listens for DICOM associations while the archive serves.</summary>
internal sealed class DimseListener(DimseServices services) : IHostedService, IAsyncDisposable
{
    private DicomServer? server;

    /// <summary>To be asked before anything is made or started.</summary>
    /// <exception cref="SettingException">The port is taken, or not to be had.</exception>
    public static void RequirePort(DimseSettings settings)
    {
        foreach (var endPoint in settings.EndPoints)
        {
            using var probe = new TcpListener(endPoint);
            try
            {
                probe.Start();
            }
            catch (SocketException taken)
            {
                throw new SettingException($"Dimse:Port: {endPoint} cannot be listened on ({taken.SocketErrorCode}); name another port, or 0 for none.");
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = services.Settings;
        if (settings.EndPoints.Count == 0)
        {
            return Task.CompletedTask;
        }

        server = new DicomServer(
            new DicomServerOptions
            {
                EndPoints = settings.EndPoints,
                Tls = settings.Certificate is null ? null : Tls(settings),
                MaxAssociations = settings.MaxAssociations,
                Limits = settings.Limits,
                Time = services.Clock,
            },
            caller => new DimseAssociation(services, caller),
            (from, failure) => services.Strangers.Write(log => log.LogWarning("A connection from {Address} ended before an association: {Reason}", from?.Address, DimseAssociation.Describe(failure))));
        server.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>
    /// TLS 1.2 and 1.3 (PS3.15 B.9 and B.10). A certificate that a peer shows is held against the settings when it associates; the
    /// handshake takes any, so that who shows none can be rejected in DICOM's words. It fetches nothing that a stranger's certificate points to.
    /// </summary>
    [SuppressMessage("Security", "CA5359", Justification = "Each peer's certificate is checked against the settings when it associates.")]
    private static SslServerAuthenticationOptions Tls(DimseSettings settings) => new()
    {
        ServerCertificate = settings.Certificate,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        CertificateChainPolicy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        CipherSuitesPolicy = DicomTls.CipherSuites(),
    };
}
