using System.Buffers.Binary;
using System.Net;

namespace SecureStore.EndToEnd;

/// <summary>One TCP segment of an Ethernet frame.</summary>
/// <param name="Payload">Empty where it only opens, acknowledges or ends.</param>
internal sealed record TcpSegment(IPEndPoint From, IPEndPoint To, uint Sequence, bool IsFirst, byte[] Payload)
{
    private const int EthernetHeader = 14;
    private const int IPv6Header = 40;
    private const ushort IPv4 = 0x0800;
    private const ushort IPv6 = 0x86DD;
    private const byte Tcp = 6;
    private const byte Syn = 0x02;

    /// <returns>Null where the frame holds something else.</returns>
    /// <exception cref="InvalidDataException">Its lengths contradict one another.</exception>
    public static TcpSegment? Read(ReadOnlySpan<byte> frame)
    {
        try
        {
            var packet = frame[EthernetHeader..];
            return BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
            {
                IPv4 when packet[9] == Tcp => ReadTcp(
                    new IPAddress(packet[12..16]), new IPAddress(packet[16..20]), packet[(4 * (packet[0] & 0x0F))..BinaryPrimitives.ReadUInt16BigEndian(packet[2..])]),
                IPv6 when packet[6] == Tcp => ReadTcp(
                    new IPAddress(packet[8..24]), new IPAddress(packet[24..40]), packet.Slice(IPv6Header, BinaryPrimitives.ReadUInt16BigEndian(packet[4..]))),
                _ => null,
            };
        }
        catch (ArgumentOutOfRangeException malformed)
        {
            throw new InvalidDataException("A captured frame is cut off.", malformed);
        }
        catch (IndexOutOfRangeException malformed)
        {
            throw new InvalidDataException("A captured frame is cut off.", malformed);
        }
    }

    private static TcpSegment ReadTcp(IPAddress from, IPAddress to, ReadOnlySpan<byte> segment) => new(
        new IPEndPoint(from, BinaryPrimitives.ReadUInt16BigEndian(segment)),
        new IPEndPoint(to, BinaryPrimitives.ReadUInt16BigEndian(segment[2..])),
        BinaryPrimitives.ReadUInt32BigEndian(segment[4..]),
        (segment[13] & Syn) != 0,
        segment[(4 * (segment[12] >> 4))..].ToArray());
}
