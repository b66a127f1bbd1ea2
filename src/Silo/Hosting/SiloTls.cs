using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// Mutual TLS 1.3 on Orleans' silo port. Both ends show the same certificate and accept no other. In embedded mode it is made
/// in memory at start and its private key never leaves the process, so nobody else on the machine can call a grain.
/// </summary>
internal sealed class SiloTls : IDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly X509Certificate2 certificate;

    private SiloTls(X509Certificate2 certificate) => this.certificate = certificate;

    public static SiloTls CreateInMemory(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=SecureStore silo", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        return new SiloTls(request.CreateSelfSigned(now.AddDays(-1), now.AddYears(100)));
    }

    public void Configure(SiloConnectionOptions options)
    {
        options.ConfigureSiloInboundConnection(connection => connection.Use(next => context => AcceptAsync(context, next)));
        options.ConfigureSiloOutboundConnection(connection => connection.Use(next => context => ConnectAsync(context, next)));
    }

    public void Dispose() => certificate.Dispose();

    private Task AcceptAsync(ConnectionContext context, ConnectionDelegate next) => SecureAsync(context, next, (stream, cancellation) =>
        stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = IsOurs,
            },
            cancellation));

    private Task ConnectAsync(ConnectionContext context, ConnectionDelegate next) => SecureAsync(context, next, (stream, cancellation) =>
        stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "SecureStore silo",
                ClientCertificates = [certificate],
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = IsOurs,
            },
            cancellation));

    private static async Task SecureAsync(
        ConnectionContext context, ConnectionDelegate next, Func<SslStream, CancellationToken, Task> authenticate)
    {
        var inner = new DuplexPipeStream(context.Transport);
        await using var stream = new SslStream(inner);
        using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.ConnectionClosed))
        {
            timeout.CancelAfter(HandshakeTimeout);
            try
            {
                await authenticate(stream, timeout.Token);
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException or OperationCanceledException)
            {
                context.Abort(new ConnectionAbortedException("The silo port's TLS handshake failed.", refused));
                return;
            }
        }

        var plain = context.Transport;
        var secured = new SecuredPipe(stream);
        context.Transport = secured;
        try
        {
            await next(context);
        }
        finally
        {
            await secured.CompleteAsync();
            context.Transport = plain;
        }
    }

    private bool IsOurs(object sender, X509Certificate? remote, X509Chain? chain, SslPolicyErrors errors) =>
        remote is not null && CryptographicOperations.FixedTimeEquals(remote.GetRawCertData(), certificate.RawData);

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
