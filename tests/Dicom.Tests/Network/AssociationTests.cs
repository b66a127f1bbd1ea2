using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>How associations begin and end, over loopback.</summary>
public class AssociationTests
{
    [Fact]
    public async Task Contexts_are_answered_one_by_one()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        Assert.Equal([1, 3, 5, 7], peer.Dimse.Association.PresentationContexts.Where(context => peer.Dimse.Association.Accepted(context.ID) is not null).Select(context => (int)context.ID));
        Assert.Equal(DicomPresentationContextResult.RejectAbstractSyntaxNotSupported, peer.Dimse.Association.PresentationContexts[4].Result);
        Assert.Single(peer.Dimse.Association.Roles);
    }

    [Fact]
    public async Task A_release_is_answered_and_ends_the_association()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        Assert.Empty(await peer.ReleaseAsync());
        await peer.AssertClosedAsync();
        Assert.Null(await server.Provider.Ended);
    }

    [Fact]
    public async Task Another_application_context_is_rejected()
    {
        await using var server = new TestServer();
        await using var peer = await server.ConnectAsync();
        var request = AssociatePdu.WriteRequest(TestPeer.Request());
        request[6 + 68 + 4]++;
        await peer.SendAsync(request);
        await AssertRejected(peer, DicomRejectResult.Permanent, DicomRejectReason.ApplicationContextNotSupported);
    }

    [Fact]
    public async Task Another_protocol_version_is_rejected()
    {
        await using var server = new TestServer();
        await using var peer = await server.ConnectAsync();
        var request = AssociatePdu.WriteRequest(TestPeer.Request());
        request[7] = 2;
        await peer.SendAsync(request);
        await AssertRejected(peer, DicomRejectResult.Permanent, DicomRejectReason.ProtocolVersionNotSupported);
    }

    [Fact]
    public async Task One_association_more_than_there_may_be_is_rejected_for_now()
    {
        await using var server = new TestServer(maxAssociations: 2);
        await using var first = await server.AssociateAsync();
        await using var second = await server.AssociateAsync();
        await using var third = await server.ConnectAsync();
        await third.SendAsync(AssociatePdu.WriteRequest(TestPeer.Request()));
        await AssertRejected(third, DicomRejectResult.Transient, DicomRejectReason.LocalLimitExceeded);
        await first.AssertEchoAsync();
        await second.AssertEchoAsync();
    }

    [Fact]
    public async Task An_association_that_ends_makes_room_for_another()
    {
        await using var server = new TestServer(maxAssociations: 1);
        await using (var first = await server.AssociateAsync())
        {
            await first.ReleaseAsync();
            await first.AssertClosedAsync();
        }

        await Until(() => server.Associations == 0);
        await using var second = await server.AssociateAsync();
        await second.AssertEchoAsync();
    }

    [Fact]
    public async Task Of_too_many_connections_without_an_association_the_oldest_is_dropped()
    {
        await using var server = new TestServer(maxPending: 2);
        await using var associated = await server.AssociateAsync();
        await using var oldest = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await using var third = await server.ConnectAsync();
        await oldest.AssertClosedAsync();
        await second.AssociateAsync();
        await third.AssociateAsync();
        await associated.AssertEchoAsync();
        await second.AssertEchoAsync();
        await third.AssertEchoAsync();
    }

    [Theory]
    [InlineData(PduType.AssociateAC, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.AssociateRJ, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.DataTF, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.ReleaseRQ, DicomAbortReason.UnexpectedPDU)]
    [InlineData((PduType)0, DicomAbortReason.UnrecognizedPDU)]
    [InlineData((PduType)8, DicomAbortReason.UnrecognizedPDU)]
    [InlineData(PduType.AssociateRQ, DicomAbortReason.InvalidPDUParameter)]
    internal async Task A_connection_that_begins_otherwise_is_aborted(PduType type, DicomAbortReason reason)
    {
        await using var server = new TestServer();
        await using var peer = await server.ConnectAsync();
        await peer.SendAsync(type, 0, 0, 0, 0);
        await peer.AssertAbortAsync(reason);
    }

    [Theory]
    [InlineData(PduType.AssociateRQ, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.AssociateAC, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.AssociateRJ, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.ReleaseRP, DicomAbortReason.UnexpectedPDU)]
    [InlineData((PduType)0, DicomAbortReason.UnrecognizedPDU)]
    [InlineData((PduType)0x47, DicomAbortReason.UnrecognizedPDU)]
    internal async Task A_pdu_out_of_place_aborts_the_association(PduType type, DicomAbortReason reason)
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(type, 0, 0, 0, 0);
        await peer.AssertAbortAsync(reason);
        Assert.IsType<DicomNetworkException>(await server.Provider.Ended);
    }

    [Fact]
    public async Task A_data_pdu_that_is_longer_than_agreed_aborts_the_association()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync([(byte)PduType.DataTF, 0, 0, 2, 0, 1]);
        await peer.AssertAbortAsync(DicomAbortReason.InvalidPDUParameter);
    }

    [Fact]
    public async Task A_data_pdu_of_the_agreed_length_is_taken()
    {
        var length = new TaskCompletionSource<long>();
        var provider = new TestProvider { OnStore = async (request, _) =>
        {
            var read = new MemoryStream();
            await request.Dataset.CopyToAsync(read, CancellationToken.None);
            length.SetResult(read.Length);
            return DicomResponse.Success;
        } };
        await using var server = new TestServer(provider);
        await using var peer = await server.AssociateAsync();
        var most = (int)peer.Dimse.Association.MaximumPDULength;
        await peer.SendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), new byte[most - 6]);
        Assert.Equal(most - 6, await length.Task.WaitAsync(TestPeer.Patience));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(2)]
    public async Task A_message_in_a_context_that_was_not_accepted_aborts_the_association(byte context)
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(context, DimseCommands.Request(DicomCommandField.CEchoRequest, TestProvider.Verification, 1));
        await peer.AssertAbortAsync(DicomAbortReason.InvalidPDUParameter);
    }

    [Fact]
    public async Task A_response_to_nothing_aborts_the_association()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(1, new DicomDataset().AddOrUpdate(DicomTag.CommandField, 0x8030));
        await peer.AssertAbortAsync(DicomAbortReason.UnexpectedPDUParameter);
    }

    [Fact]
    public async Task An_abort_or_a_broken_connection_ends_the_association()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(PduType.Abort, 0, 0, 0, 0);
        Assert.IsType<DicomAssociationAbortedException>(await server.Provider.Ended);
        await peer.AssertClosedAsync();

        await using var other = new TestServer();
        await using var broken = await other.AssociateAsync();
        broken.Break();
        Assert.IsType<DicomAssociationAbortedException>(await other.Provider.Ended);
    }

    [Fact]
    public async Task A_server_that_stops_ends_idle_associations_and_connections_at_once()
    {
        await using var server = new TestServer();
        await using var idle = await server.AssociateAsync();
        await using var pending = await server.ConnectAsync();
        using var patience = new CancellationTokenSource(TestPeer.Patience);
        await server.StopAsync(patience.Token);
        Assert.False(patience.IsCancellationRequested);
        Assert.Equal(PduType.Abort, (await idle.ReceivePduAsync()).Type);
        await pending.AssertClosedAsync();
    }

    [Fact]
    public async Task A_server_that_stops_lets_an_operation_end()
    {
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var provider = new TestProvider { OnStore = async (_, _) =>
        {
            begun.SetResult();
            await end.Task;
            return DicomResponse.Success;
        } };
        await using var server = new TestServer(provider);
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), new byte[2]);
        await begun.Task.WaitAsync(TestPeer.Patience);
        using var patience = new CancellationTokenSource(TestPeer.Patience);
        var stopping = server.StopAsync(patience.Token);
        end.SetResult();
        Assert.Equal(DicomStatus.Success, (await peer.ReceiveAsync()).Status);
        await stopping;
        Assert.Equal(PduType.Abort, (await peer.ReceivePduAsync()).Type);
    }

    [Fact]
    public async Task A_server_that_will_not_wait_cuts_an_operation_off()
    {
        var begun = new TaskCompletionSource();
        var provider = new TestProvider { OnStore = async (request, _) =>
        {
            begun.SetResult();
            await request.Dataset.CopyToAsync(Stream.Null, CancellationToken.None);
            return DicomResponse.Success;
        } };
        await using var server = new TestServer(provider);
        await using var peer = await server.AssociateAsync();
        using var writer = await peer.Dimse.BeginSendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), 1000);
        await begun.Task.WaitAsync(TestPeer.Patience);
        await server.StopAsync(new CancellationToken(canceled: true));
        Assert.IsType<DicomAssociationAbortedException>(await provider.Ended);
    }

    private static async Task AssertRejected(TestPeer peer, DicomRejectResult result, DicomRejectReason reason)
    {
        var (type, body) = await peer.ReceivePduAsync();
        Assert.Equal(PduType.AssociateRJ, type);
        Assert.Equal([0, (byte)result, (byte)((ushort)reason >> 8), (byte)reason], body);
        await peer.AssertClosedAsync();
    }

    private static async Task Until(Func<bool> condition)
    {
        var patience = DateTime.UtcNow + TestPeer.Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < patience);
            await Task.Yield();
        }
    }
}
