using System.Net;
using System.Net.Sockets;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>Acknowledgements that a peer waits for (RFC 1122 4.2.3.2).</summary>
public class PromptStreamTests
{
    private const int Tcp = 6;
    private const int QuickAck = 12;

    [Fact]
    public async Task Who_waits_for_more_does_not_hold_acknowledgements_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere there is no such option.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var peer = new TcpClient();
        await peer.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var socket = await listener.AcceptSocketAsync();
        await using var stream = new PromptStream(socket);
        socket.SetRawSocketOption(Tcp, QuickAck, [0, 0, 0, 0]);
        Assert.Equal(0, Promptness());

        var reading = stream.ReadAsync(new byte[10]);

        Assert.False(reading.IsCompleted);
        Assert.Equal(1, Promptness());
        await peer.GetStream().WriteAsync(new byte[] { 1, 2, 3 });
        Assert.Equal(3, await reading);

        int Promptness()
        {
            var value = new byte[4];
            socket.GetRawSocketOption(Tcp, QuickAck, value);
            return value[0];
        }
    }
}
