using System.Net.Sockets;

namespace SecureStore.Dicom.Network;

/// <summary>
/// A connection that acknowledges what it has read before it waits for more. A peer that sends each PDU in two writes and leaves Nagle's
/// algorithm on (RFC 896; dcmtk does both) keeps the second back until the first is acknowledged: up to 40 ms (RFC 1122 4.2.3.2) for each
/// message, while the archive itself needs 3.
/// </summary>
internal sealed class PromptStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private const int Tcp = 6;
    private const int QuickAck = 12;

    private static readonly byte[] Now = [1, 0, 0, 0];

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = base.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompleted && OperatingSystem.IsLinux())
            Acknowledge();

        return reading;
    }

    private void Acknowledge()
    {
        try
        {
            Socket.SetRawSocketOption(Tcp, QuickAck, Now);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The read tells.
        }
    }
}
