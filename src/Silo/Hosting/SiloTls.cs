using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// Mutual TLS 1.3 on Orleans' silo port: no byte of Orleans passes before both ends have shown that they are of the cluster. Sessions
/// are not resumed, so each connection shows its certificate; a connection ends when its certificate stops being good.
/// </summary>
internal sealed class SiloTls : IDisposable
{
    public static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly ISiloIdentity identity;
    private readonly ILogger logger;
    private readonly ConcurrentDictionary<ConnectionContext, SiloPeer> open = new();
    private readonly ITimer check;

    public SiloTls(ISiloIdentity identity, TimeProvider time, ILogger<SiloTls> logger)
    {
        (this.identity, this.logger) = (identity, logger);
        check = time.CreateTimer(_ => EndWhatIsNoMember(), null, CheckInterval, CheckInterval);
    }

    public void Configure(SiloConnectionOptions options)
    {
        options.ConfigureSiloInboundConnection(connection => connection.Use(Inbound));
        options.ConfigureSiloOutboundConnection(connection => connection.Use(Outbound));
    }

    /// <summary>Middleware of a connection that another silo opened.</summary>
    public ConnectionDelegate Inbound(ConnectionDelegate next) => context => SecureAsync(context, next, (stream, validate, cancellation) =>
        stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = identity.Certificate,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                AllowRenegotiation = false,
                CertificateChainPolicy = identity.NewPolicy(),
                RemoteCertificateValidationCallback = validate,
            },
            cancellation));

    /// <summary>Middleware of a connection that this silo opened.</summary>
    public ConnectionDelegate Outbound(ConnectionDelegate next) => context => SecureAsync(context, next, (stream, validate, cancellation) =>
        stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = identity.ClusterName,
                ClientCertificateContext = identity.Certificate,
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                AllowRenegotiation = false,
                CertificateChainPolicy = identity.NewPolicy(),
                RemoteCertificateValidationCallback = validate,
            },
            cancellation));

    public void Dispose() => check.Dispose();

    private async Task SecureAsync(
        ConnectionContext context, ConnectionDelegate next, Func<SslStream, RemoteCertificateValidationCallback, CancellationToken, Task> authenticate)
    {
        SiloPeer? peer = null;
        await using var stream = new SslStream(new DuplexPipeStream(context.Transport));
        using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.ConnectionClosed))
        {
            timeout.CancelAfter(HandshakeTimeout);
            try
            {
                await authenticate(stream, (_, remote, chain, errors) => (peer = Accepted(remote, chain, errors)) is not null, timeout.Token);
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException or OperationCanceledException)
            {
                logger.LogWarning("A connection to or from the silo port was refused: its TLS handshake failed ({Reason}).", refused.GetType().Name);
                context.Abort(new ConnectionAbortedException("The silo port's TLS handshake failed.", refused));
                return;
            }
        }

        var plain = context.Transport;
        var secured = new SecuredPipe(stream);
        context.Transport = secured;
        open[context] = peer ?? throw new InvalidOperationException("A handshake ended without a certificate.");
        try
        {
            await next(context);
        }
        finally
        {
            open.TryRemove(context, out _);
            await secured.CompleteAsync();
            context.Transport = plain;
        }
    }

    private SiloPeer? Accepted(X509Certificate? remote, X509Chain? chain, SslPolicyErrors errors)
    {
        if (remote is X509Certificate2 certificate && identity.IsMember(certificate, errors))
        {
            return new SiloPeer(certificate.RawData, [.. chain?.ChainElements.Skip(1).Select(element => element.Certificate.RawData) ?? []]);
        }

        logger.LogWarning(
            "A silo's certificate was refused ({Errors}; {Status}).", errors, string.Join(", ", chain?.ChainStatus.Select(status => status.Status) ?? []));
        return null;
    }

    private void EndWhatIsNoMember()
    {
        foreach (var (connection, peer) in open)
        {
            if (!identity.IsStillMember(peer))
            {
                logger.LogWarning("A connection between silos is ended: the certificate that it was made with is not good any more.");
                connection.Abort(new ConnectionAbortedException("The certificate of this connection is not good any more."));
            }
        }
    }

    private sealed class SecuredPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        public async ValueTask CompleteAsync()
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
        }
    }
}
