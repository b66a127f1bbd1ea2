using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace SecureStore.EndToEnd;

/// <summary>Takes plain connections and passes them on over TLS with a certificate: for programs that speak no TLS.</summary>
internal sealed class TlsTunnel : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 certificate;
    private readonly int target;

    public TlsTunnel(string certificate, string key, int target)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        this.certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose()
    {
        listener.Dispose();
        certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = PassAsync(await listener.AcceptTcpClientAsync());
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, target);
        await using var tls = new SslStream(far.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [certificate] });
        using (near)
        {
            var plain = near.GetStream();
            await Task.WhenAny(plain.CopyToAsync(tls), tls.CopyToAsync(plain));
        }
    }
}
