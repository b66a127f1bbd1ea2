using System.Net.Security;
using System.Net.Sockets;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>The requestor's end of a connection: says what the protocol allows, and what it does not.</summary>
internal sealed class TestPeer : IAsyncDisposable
{
    /// <summary>How long a test waits for what should happen at once.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly DicomNetworkLimits Limits = new();

    private readonly Stream _socket;
    private readonly PduStream _stream;
    private DimseConnection? _dimse;

    private TestPeer(Stream socket) => (_socket, _stream) = (socket, new PduStream(socket, Limits, TimeProvider.System));

    public DimseConnection Dimse => _dimse ?? throw new InvalidOperationException("There is no association.");

    public static async Task<TestPeer> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return new TestPeer(new NetworkStream(socket, ownsSocket: true));
    }

    public static async Task<TestPeer> ConnectAsync(int port, SslClientAuthenticationOptions tls)
    {
        var plain = await ConnectAsync(port);
        var secure = new SslStream(plain._socket);
        await secure.AuthenticateAsClientAsync(tls);
        return new TestPeer(secure);
    }

    public static DicomAssociation Request(uint maxPduLength = 0) => new()
    {
        CalledAE = "ARCHIVE",
        CallingAE = "TEST",
        ImplementationClassUID = "1.2.3",
        MaximumPDULength = maxPduLength,
        Roles = [new(TestProvider.Storage, IsUser: false, IsProvider: true)],
        PresentationContexts =
        [
            .. new[] { TestProvider.Verification, TestProvider.Storage, TestProvider.Find, TestProvider.Get, "1.2.3.4" }
                .Select((syntax, index) => new DicomPresentationContext((byte)((index * 2) + 1), syntax, [TestProvider.Implicit])),
        ],
    };

    public async Task AssociateAsync(uint maxPduLength = 0)
    {
        var request = Request(maxPduLength);
        await SendAsync(AssociatePdu.WriteRequest(request));
        var (type, body) = await ReceivePduAsync();
        Assert.Equal(PduType.AssociateAC, type);
        _dimse = new DimseConnection(_stream, AssociatePdu.ReadAnswer(body, request), Limits);
    }

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    public Task SendAsync(PduType type, params byte[] body) => SendAsync(AssociatePdu.Pdu(type, body));

    public Task SendAsync(byte context, DicomDataset command, byte[]? dataset = null) => Dimse.SendAsync(context, command, dataset).AsTask();

    /// <summary>A find in context 5, or a get in context 7.</summary>
    public Task QueryAsync(byte context, DicomCommandField type, ushort messageId)
    {
        var identifier = DicomGen.Bytes(new DicomDataset().AddOrUpdate(DicomTag.QueryRetrieveLevel, "STUDY"), DicomTransferSyntax.ImplicitVRLittleEndian);
        return SendAsync(context, DimseCommands.Request(type, context == 5 ? TestProvider.Find : TestProvider.Get, messageId), identifier);
    }

    public Task CancelAsync(byte context, ushort messageId) =>
        SendAsync(context, new DicomDataset().AddOrUpdate(DicomTag.CommandField, 0x0FFF).AddOrUpdate(DicomTag.MessageIDBeingRespondedTo, messageId));

    public Task AnswerAsync(DicomMessage request, ushort status) => SendAsync(request.Context.ID, DimseCommands.Response(request, new(status)));

    public Task<(PduType Type, byte[] Body)> ReceivePduAsync() => AssociationPdus.ReadAsync(_stream, Limits).AsTask().WaitAsync(Patience);

    public async Task<DicomMessage> ReceiveAsync() =>
        await Dimse.ReadAsync(Patience) ?? throw new InvalidOperationException("The association is to be released.");

    /// <summary>Whether the association is in order: an echo is answered.</summary>
    public async Task AssertEchoAsync()
    {
        await SendAsync(1, DimseCommands.Request(DicomCommandField.CEchoRequest, TestProvider.Verification, 99));
        var answer = await ReceiveAsync();
        Assert.Equal((DicomCommandField.CEchoResponse, 99, DicomStatus.Success), (answer.Type, answer.MessageIDBeingRespondedTo, answer.Status));
    }

    /// <summary>The peer is told of an abort by the upper layer, and then the connection ends.</summary>
    public async Task AssertAbortAsync(DicomAbortReason reason)
    {
        var (type, body) = await ReceivePduAsync();
        Assert.Equal(PduType.Abort, type);
        Assert.Equal([0, 0, 2, (byte)reason], body);
        await AssertClosedAsync();
    }

    public Task AssertClosedAsync() => Assert.ThrowsAsync<DicomAssociationAbortedException>(ReceivePduAsync);

    /// <summary>Asks for the release and reads until it is granted.</summary>
    /// <returns>The statuses of responses that came before.</returns>
    public async Task<ushort[]> ReleaseAsync()
    {
        await SendAsync(PduType.ReleaseRQ, 0, 0, 0, 0);
        var statuses = new List<ushort>();
        while (true)
        {
            var (type, body) = await ReceivePduAsync();
            if (type == PduType.ReleaseRP)
                return [.. statuses];

            Assert.Equal(PduType.DataTF, type);
            var isCommand = (body[5] & 1) != 0;
            if (isCommand)
                statuses.Add((ushort)DimseCommandSet.Read(body.AsMemory(6)).GetInt32(DicomTag.Status));
        }
    }

    public void Break() => _socket.Dispose();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
