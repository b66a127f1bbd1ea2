using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace SecureStore.EndToEnd;

/// <summary>What listens.</summary>
public class PortsTests
{
    [Fact]
    public async Task Only_HTTP_DIMSE_and_one_silo_port_listen_and_the_silo_port_wants_the_silos_own_certificate()
    {
        using var folder = new TemporaryFolder();
        var dimse = ServerProcess.FreePort();
        await using var server = await ServerProcess.StartAsync(folder.Path, $"Dimse:Port={dimse}");
        var http = new Uri(server.Url).Port;
        var listening = await ProcessPorts.ListeningAsync(server.Id);
        Assert.Contains(http, listening);
        Assert.Contains(dimse, listening);
        var silo = Assert.Single(listening, port => port != http && port != dimse);

        // Plain bytes get nothing back.
        using (var plain = new TcpClient())
        {
            await plain.ConnectAsync(IPAddress.Loopback, silo);
            await plain.GetStream().WriteAsync(new byte[64]);
            Assert.True(await EndsAsync(plain.GetStream()));
        }

        // TLS without the certificate gets no further than the handshake.
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(IPAddress.Loopback, silo);
        await using var tls = new SslStream(stranger.GetStream(), false, (_, _, _, _) => true);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "silo", EnabledSslProtocols = SslProtocols.Tls13 });
            await tls.WriteAsync(new byte[64]);
            Assert.True(await EndsAsync(tls));
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            Assert.DoesNotContain("Orleans", refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<bool> EndsAsync(Stream stream)
    {
        // A TLS alert is all that may come before the end.
        var total = 0;
        try
        {
            var buffer = new byte[256];
            for (int read; (read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(20))) > 0;)
            {
                total += read;
            }
        }
        catch (IOException)
        {
            return total < 16;
        }

        return total < 16;
    }
}
