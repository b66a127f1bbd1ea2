using System.Net;

namespace SecureStore.EndToEnd;

/// <summary>What one end of a TCP connection sent to the other.</summary>
internal sealed record TcpStream(IPEndPoint From, IPEndPoint To, byte[] Bytes)
{
    /// <summary>Puts segments together in the order of their sequence numbers; what was sent again counts once.</summary>
    /// <returns>One stream for each direction of each connection, as far as anything was sent.</returns>
    /// <exception cref="InvalidDataException">A segment is missing.</exception>
    public static IReadOnlyList<TcpStream> Assemble(IEnumerable<TcpSegment> segments) =>
    [
        .. segments.GroupBy(segment => (segment.From, segment.To)).SelectMany(Connections).Where(one => one.Exists(segment => segment.Payload.Length > 0))
            .Select(one => new TcpStream(one[0].From, one[0].To, Join(one))),
    ];

    /// <summary>Two ends may meet more than once on the same ports.</summary>
    private static List<List<TcpSegment>> Connections(IEnumerable<TcpSegment> direction)
    {
        var connections = new List<List<TcpSegment>>();
        foreach (var segment in direction)
        {
            if (connections.Count == 0 || (segment.IsFirst && segment.Sequence != connections[^1][0].Sequence))
            {
                connections.Add([]);
            }

            connections[^1].Add(segment);
        }

        return connections;
    }

    private static byte[] Join(List<TcpSegment> connection)
    {
        // A SYN takes the place of one byte.
        var start = connection[0].Sequence + (connection[0].IsFirst ? 1u : 0);
        using var stream = new MemoryStream();
        foreach (var (at, payload) in connection.Where(segment => segment.Payload.Length > 0)
                     .Select(segment => (At: segment.Sequence - start, segment.Payload)).OrderBy(part => part.At))
        {
            if (at > stream.Length)
            {
                throw new InvalidDataException("A segment was not captured.");
            }

            var known = stream.Length - at;
            if (known < payload.Length)
            {
                stream.Write(payload.AsSpan((int)known));
            }
        }

        return stream.ToArray();
    }
}
