using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SecureStore.Contracts.Servers;

/// <summary>
/// Ports for servers that tests start: outside the range that the kernel takes the ports of outgoing connections from, so that no
/// connection takes one between its choice and its use, and never the same one twice.
/// </summary>
public static class FreePorts
{
    private const int First = 10_000;
    private static readonly HashSet<int> Given = [];

    // Exclusive.
    private static readonly int End = FirstOfConnections();

    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Any, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FirstOfConnections()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var first = File.Exists(range) ? int.Parse(File.ReadAllText(range).Split('\t', ' ')[0], CultureInfo.InvariantCulture) : 32_768;

        // A machine that gives every port to connections has no range for servers.
        return first > First + 1_000 ? first : ushort.MaxValue;
    }
}
