using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>A peer that sends what it likes: PDUs, fragments and command sets by hand (PS3.8 9.3, PS3.7 E), in implicit VR little endian but for what C-GET sends it.</summary>
internal sealed class RawAssociation : IDisposable
{
    public const byte Release = 5;
    public const byte Abort = 7;

    private readonly Socket socket;

    private RawAssociation(Socket socket, Stream stream) => (this.socket, Stream) = (socket, stream);

    public Stream Stream { get; }

    /// <summary>Connects, and says nothing.</summary>
    /// <param name="from">The loopback address that it calls from.</param>
    public static async Task<RawAssociation> ConnectAsync(int port, string from = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawAssociation(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Takes an association of one context, in its first transfer syntax.</summary>
    /// <param name="role">Whether it lets the requestor be the provider of that SOP class, or null where it says nothing of that.</param>
    /// <returns>The association, its context and the request.</returns>
    public static async Task<(RawAssociation Association, byte Context, byte[] Request)> AcceptAsync(TcpListener listener, bool? role = true)
    {
        var socket = await listener.AcceptSocketAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var association = new RawAssociation(socket, new NetworkStream(socket, ownsSocket: true));
        var (_, request) = await association.ReadPduAsync();
        var items = request.AsMemory(68);
        while (items.Span[0] != 0x20)
            items = items[(4 + BinaryPrimitives.ReadUInt16BigEndian(items.Span[2..]))..];

        var context = items.Span[4];
        var name = items.Slice(12, BinaryPrimitives.ReadUInt16BigEndian(items.Span[10..]));
        var syntax = items[(12 + name.Length)..];
        var roles = role is { } provides ? Item(0x54, [.. Sized(Encoding.ASCII.GetString(name.Span)), 0, (byte)(provides ? 1 : 0)]) : [];
        await association.SendAsync(
            2,
            [
                .. request[..68], .. Item(0x10, "1.2.840.10008.3.1.1.1"u8),
                .. Item(0x21, [context, 0, 0, 0, .. Item(0x40, syntax.Span.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(syntax.Span[2..])))]),
                .. Item(0x50, [.. Item(0x51, [0, 0, 0x40, 0]), .. Item(0x52, "1.2.3"u8), .. roles]),
            ]);
        return (association, context, request);
    }

    /// <returns>The type of the PDU that answers: 2 accepted, 3 rejected.</returns>
    /// <param name="contexts">Abstract syntaxes; their contexts are 1, 3, 5 and so on.</param>
    /// <param name="token">A policy token, or null.</param>
    /// <param name="provides">SOP classes that it takes itself, as the requestor of a C-GET does.</param>
    public async Task<byte> AssociateAsync(string callingAE, string[] contexts, string? token = null, params string[] provides)
    {
        byte[] user =
        [
            .. Item(0x51, [0, 0, 0x40, 0]), .. Item(0x52, "1.2.3"u8),
            .. provides.SelectMany(uid => Item(0x54, [.. Sized(uid), 0, 1])), .. token is null ? [] : Item(0x58, [5, 0, .. Sized(token), 0, 0]),
        ];
        await SendAsync(
            1,
            [
                0, 1, 0, 0, .. Encoding.Latin1.GetBytes(DimseServer.AeTitle.PadRight(16)), .. Encoding.Latin1.GetBytes(callingAE.PadRight(16)), .. new byte[32],
                .. Item(0x10, "1.2.840.10008.3.1.1.1"u8),
                .. contexts.SelectMany((uid, index) => Item(0x20, [(byte)((2 * index) + 1), 0, 0, 0, .. Item(0x30, Encoding.ASCII.GetBytes(uid)), .. Item(0x40, provides.Contains(uid) ? "1.2.840.10008.1.2.1"u8 : "1.2.840.10008.1.2"u8)])),
                .. Item(0x50, user),
            ]);
        return (await ReadPduAsync()).Type;
    }

    public async Task SendAsync(byte type, params byte[] body)
    {
        byte[] pdu = [type, 0, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(2), body.Length);
        await Stream.WriteAsync(pdu);
    }

    public Task SendMessageAsync(byte context, byte[] command, byte[]? dataset = null) => SendAsync(
        4, [.. Fragment(context, command, isCommand: true), .. dataset is null ? [] : Fragment(context, dataset, isCommand: false)]);

    /// <summary>The next message's context, command set and data set.</summary>
    /// <exception cref="IOException">The connection has ended, or another PDU came.</exception>
    public async Task<(byte Context, byte[] Command, byte[] Dataset)> ReadMessageAsync()
    {
        var parts = (Command: new List<byte>(), Dataset: new List<byte>());
        while (true)
        {
            var (type, body) = await ReadPduAsync();
            if (type != 4)
                throw new IOException($"A PDU of type {type} came.");

            for (var at = 0; at < body.Length;)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
                var (context, flags) = (body[at + 4], body[at + 5]);
                ((flags & 1) != 0 ? parts.Command : parts.Dataset).AddRange(body[(at + 6)..(at + 4 + length)]);
                at += 4 + length;
                byte[] command = [.. parts.Command];
                if ((flags & 2) != 0 && ((flags & 1) == 0 || Number(command, 0x0800) == 0x0101))
                    return (context, command, [.. parts.Dataset]);
            }
        }
    }

    public async Task<int> StatusAsync() => Number((await ReadMessageAsync()).Command, 0x0900);

    /// <summary>The next PDU; type 0 where the connection ends instead.</summary>
    public async Task<(byte Type, byte[] Body)> ReadPduAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var header = new byte[6];
            await Stream.ReadExactlyAsync(header, limit.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))];
            await Stream.ReadExactlyAsync(body, limit.Token);
            return (header[0], body);
        }
        catch (IOException)
        {
            return (0, []);
        }
    }

    /// <summary>A command set: its command field, message ID (of the request, in responses and C-CANCEL), SOP class, whether a data set follows, and more elements.</summary>
    public static byte[] Command(ushort field, ushort id, string sopClass, bool hasDataset, params byte[][] more) =>
    [
        .. Element(0, 0x0002, sopClass), .. Element(0, 0x0100, field), .. Element(0, (ushort)(field >= 0x0FFF ? 0x0120 : 0x0110), id),
        .. more.SelectMany(one => one), .. Element(0, 0x0800, (ushort)(hasDataset ? 0 : 0x0101)),
    ];

    public static byte[] Element(ushort group, ushort element, ushort value) => [.. Head(group, element, 2), (byte)value, (byte)(value >> 8)];

    public static byte[] Element(ushort group, ushort element, string value)
    {
        var bytes = Encoding.Latin1.GetBytes(value.Length % 2 == 0 ? value : value + (DicomUID.IsValid(value) ? '\0' : ' '));
        return [.. Head(group, element, bytes.Length), .. bytes];
    }

    public static byte[] Fragment(byte context, byte[] bytes, bool isCommand, bool isLast = true)
    {
        byte[] fragment = [0, 0, 0, 0, context, (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0)), .. bytes];
        BinaryPrimitives.WriteInt32BigEndian(fragment, bytes.Length + 2);
        return fragment;
    }

    /// <summary>A number of a command set.</summary>
    public static int Number(byte[] command, ushort element)
    {
        for (var at = 0; at < command.Length; at += 8 + BinaryPrimitives.ReadInt32LittleEndian(command.AsSpan(at + 4)))
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(command.AsSpan(at + 2)) == element)
                return BinaryPrimitives.ReadUInt16LittleEndian(command.AsSpan(at + 8));
        }

        return -1;
    }

    public void Dispose()
    {
        Stream.Dispose();
        socket.Dispose();
    }

    private static byte[] Head(ushort group, ushort element, int length) =>
        [(byte)group, (byte)(group >> 8), (byte)element, (byte)(element >> 8), (byte)length, (byte)(length >> 8), (byte)(length >> 16), (byte)(length >> 24)];

    private static byte[] Item(byte type, ReadOnlySpan<byte> value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static byte[] Sized(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
