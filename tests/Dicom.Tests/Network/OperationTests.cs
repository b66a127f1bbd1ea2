using System.Runtime.CompilerServices;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>C-ECHO, C-STORE and C-FIND over loopback.</summary>
public class OperationTests
{
    private static readonly byte[] Dataset = [.. Enumerable.Range(0, 400_000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task An_echo_is_answered()
    {
        await using var server = new TestServer();
        await using (var client = await server.OpenClientAsync())
        {
            Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
            Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
        }

        Assert.Null(await server.Provider.Ended);
    }

    [Theory]
    [InlineData(DicomStatus.Success)]
    [InlineData(DicomStatus.CoercionOfDataElements)]
    [InlineData(DicomStatus.OutOfResources)]
    public async Task An_instance_is_stored_and_its_status_comes_back(ushort status)
    {
        var stored = new MemoryStream();
        string? instance = null;
        await using var server = new TestServer(new TestProvider { OnStore = async (request, cancellation) =>
        {
            instance = request.SOPInstanceUID;
            await request.Dataset.CopyToAsync(stored, cancellation);
            return new(status);
        } });
        await using var client = await server.OpenClientAsync();
        Assert.Equal(status, await client.StoreAsync(Instance("1.2.3.4"), default));
        Assert.Equal(Dataset, stored.ToArray());
        Assert.Equal("1.2.3.4", instance);
    }

    [Fact]
    public async Task An_instance_that_is_refused_unread_does_not_disturb_the_next()
    {
        await using var server = new TestServer(new TestProvider { OnStore = (_, _) => ValueTask.FromResult(new DicomResponse(DicomStatus.NotAuthorized)) });
        await using var client = await server.OpenClientAsync();
        Assert.Equal(DicomStatus.NotAuthorized, await client.StoreAsync(Instance("1.2.3.4"), default));
        Assert.Equal(DicomStatus.NotAuthorized, await client.StoreAsync(Instance("1.2.3.5"), default));
        Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
    }

    [Fact]
    public async Task An_instance_of_a_class_that_was_not_accepted_is_not_sent()
    {
        await using var server = new TestServer();
        await using var client = await server.OpenClientAsync();
        Assert.Equal(DicomStatus.SOPClassNotSupported, await client.StoreAsync(Instance("1.2.3.4") with { SOPClassUID = "1.2.3" }, default));
        Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
    }

    [Fact]
    public async Task What_the_other_end_does_not_do_leaves_the_association_as_it_is()
    {
        await using var server = new TestServer();
        var storesOnly = TestServer.ClientOptions(server.Port) with { Contexts = [(TestProvider.Storage, [TestProvider.Implicit])] };
        await using (var client = await DicomClient.OpenAsync(storesOnly, default))
        {
            await Assert.ThrowsAsync<DicomClientException>(() => client.EchoAsync(default));
            await Assert.ThrowsAsync<DicomClientException>(() => client.ReportAsync(new("1.2.3", "1.2.3.4", 1, new())));
            Assert.Equal(DicomStatus.Success, await client.StoreAsync(Instance("1.2.3.4"), default));
        }

        Assert.Null(await server.Provider.Ended);
    }

    [Fact]
    public async Task An_abort_while_storing_ends_the_reading_of_the_data_set()
    {
        var reading = new TaskCompletionSource<Exception?>();
        await using var server = new TestServer(new TestProvider { OnStore = async (request, _) =>
        {
            reading.SetResult(await Xunit.Record.ExceptionAsync(() => request.Dataset.CopyToAsync(Stream.Null)));
            return DicomResponse.Success;
        } });
        await using var peer = await server.AssociateAsync();
        using var writer = await peer.Dimse.BeginSendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), 1_000_000);
        writer.GetSpan(300_000)[..300_000].Clear();
        writer.Advance(300_000);
        await writer.FlushAsync(default);
        await peer.SendAsync(PduType.Abort, 0, 0, 0, 0);
        Assert.IsType<DicomAssociationAbortedException>(await reading.Task.WaitAsync(TestPeer.Patience));
        Assert.IsType<DicomAssociationAbortedException>(await server.Provider.Ended);
    }

    [Theory]
    [InlineData((PduType)0x33, DicomAbortReason.UnrecognizedPDU)]
    [InlineData(PduType.ReleaseRQ, DicomAbortReason.UnexpectedPDU)]
    [InlineData(PduType.DataTF, DicomAbortReason.InvalidPDUParameter)]
    internal async Task What_breaks_a_data_set_off_is_told_even_if_the_provider_keeps_it_to_itself(PduType type, DicomAbortReason reason)
    {
        await using var server = new TestServer(new TestProvider { OnStore = async (request, _) =>
        {
            await Xunit.Record.ExceptionAsync(() => request.Dataset.CopyToAsync(Stream.Null));
            return DicomResponse.Success;
        } });
        await using var peer = await server.AssociateAsync();
        using var writer = await peer.Dimse.BeginSendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), 1000);
        await peer.SendAsync(type, 0, 0, 0, 0);
        await peer.AssertAbortAsync(reason);
        Assert.IsType<DicomNetworkException>(await server.Provider.Ended);
    }

    [Fact]
    public async Task A_client_that_breaks_off_an_instance_aborts()
    {
        await using var server = new TestServer(new TestProvider { OnStore = async (request, _) =>
        {
            await request.Dataset.CopyToAsync(Stream.Null, CancellationToken.None);
            return DicomResponse.Success;
        } });
        await using (var client = await server.OpenClientAsync())
        {
            var instance = Instance("1.2.3.4") with { WriteAsync = (_, _, _) => throw new OperationCanceledException() };
            await Assert.ThrowsAsync<OperationCanceledException>(() => client.StoreAsync(instance, default));
            await Assert.ThrowsAsync<DicomClientException>(() => client.EchoAsync(default));
        }

        Assert.IsType<DicomAssociationAbortedException>(await server.Provider.Ended);
    }

    [Fact]
    public async Task A_find_gives_its_matches()
    {
        await using var server = new TestServer(new TestProvider { OnFind = cancellation => Matches(3, cancellation) });
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        for (var i = 0; i < 3; i++)
        {
            var match = await peer.ReceiveAsync();
            Assert.Equal(DicomStatus.Pending, match.Status);
            Assert.Equal("P1", (await match.ReadDatasetAsync(default)).GetString(DicomTag.PatientID));
        }

        Assert.Equal(DicomStatus.Success, (await peer.ReceiveAsync()).Status);
        await peer.AssertEchoAsync();
        Assert.Empty(await peer.ReleaseAsync());
        Assert.Null(await server.Provider.Ended);
    }

    [Fact]
    public async Task Matches_that_are_there_already_come_all_and_in_order()
    {
        const int count = 2000;
        var responses = Enumerable.Range(0, count)
            .Select(i => new DicomResponse(DicomStatus.Pending) { Dataset = new DicomDataset().AddOrUpdate(DicomTag.PatientID, $"P{i}") })
            .Append(DicomResponse.Success);
        await using var server = new TestServer(new TestProvider { OnFind = _ => responses.ToAsyncEnumerable() });
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        for (var i = 0; i < count; i++)
            Assert.Equal($"P{i}", (await (await peer.ReceiveAsync()).ReadDatasetAsync(default)).GetString(DicomTag.PatientID));

        Assert.Equal(DicomStatus.Success, (await peer.ReceiveAsync()).Status);
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task A_find_whose_identifier_cannot_be_read_says_so()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(5, DimseCommands.Request(DicomCommandField.CFindRequest, TestProvider.Find, 1), [8, 0, 0x52, 0, 0xFF, 0, 0, 0]);
        Assert.Equal(DicomStatus.CannotUnderstand, (await peer.ReceiveAsync()).Status);
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task A_cancelled_find_ends_with_that_and_the_association_goes_on()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        for (ushort id = 1; id < 4; id++)
        {
            await peer.QueryAsync(5, DicomCommandField.CFindRequest, id);
            Assert.Equal(DicomStatus.Pending, (await peer.ReceiveAsync()).Status);
            await peer.CancelAsync(5, id);
            var end = await peer.ReceiveAsync();
            Assert.Equal((DicomStatus.Cancel, id), (end.Status, end.MessageIDBeingRespondedTo));
            await peer.AssertEchoAsync();
        }

        Assert.Empty(await peer.ReleaseAsync());
        Assert.Null(await server.Provider.Ended);
    }

    [Fact]
    public async Task A_cancel_that_comes_late_is_passed_over()
    {
        await using var server = new TestServer(new TestProvider { OnFind = cancellation => Matches(0, cancellation) });
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        Assert.Equal(DicomStatus.Success, (await peer.ReceiveAsync()).Status);
        await peer.CancelAsync(5, messageId: 1);
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task A_release_while_a_find_runs_ends_it_and_is_granted()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        var match = await peer.ReceiveAsync();
        await match.ReadDatasetAsync(default);
        Assert.Equal(DicomStatus.Cancel, Assert.Single(await peer.ReleaseAsync()));
        await peer.AssertClosedAsync();
        Assert.Null(await server.Provider.Ended);
    }

    [Fact]
    public async Task An_abort_while_a_find_runs_ends_it()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        await peer.ReceiveAsync();
        await peer.SendAsync(PduType.Abort, 0, 0, 0, 0);
        Assert.IsType<DicomAssociationAbortedException>(await server.Provider.Ended);
    }

    [Fact]
    public async Task What_the_protocol_has_not_got_while_a_find_runs_is_told()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        await (await peer.ReceiveAsync()).ReadDatasetAsync(default);
        await peer.SendAsync((PduType)0x33, 0, 0, 0, 0);
        await peer.AssertAbortAsync(DicomAbortReason.UnrecognizedPDU);
    }

    [Fact]
    public async Task A_request_that_nobody_serves_is_answered()
    {
        await using var server = new TestServer();
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(1, DimseCommands.Request(DicomCommandField.NCreateRequest, TestProvider.Verification, 1));
        Assert.Equal(DicomStatus.UnrecognizedOperation, (await peer.ReceiveAsync()).Status);
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task A_provider_that_fails_aborts_the_association()
    {
        await using var server = new TestServer(new TestProvider { OnStore = (_, _) => throw new InvalidOperationException() });
        await using var peer = await server.AssociateAsync();
        await peer.SendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), new byte[2]);
        var (type, body) = await peer.ReceivePduAsync();
        Assert.Equal(PduType.Abort, type);
        Assert.Equal(new byte[4], body);
        Assert.IsType<InvalidOperationException>(await server.Provider.Ended);
    }

    [Fact]
    public async Task What_an_instance_holds_is_let_go_where_it_cannot_be_sent()
    {
        await using var server = new TestServer(new TestProvider { OnStore = (_, _) => throw new InvalidOperationException() });
        await using var client = await server.OpenClientAsync();
        await Assert.ThrowsAsync<DicomClientException>(() => client.StoreAsync(Instance("1.2.3.4"), default));
        using var held = new MemoryStream();
        await Assert.ThrowsAsync<DicomClientException>(() => client.StoreAsync(Instance("1.2.3.5") with { Held = held }, default));
        Assert.False(held.CanRead);
    }

    private static DicomOutgoingInstance Instance(string uid) => new(TestProvider.Storage, uid, TestProvider.Implicit, Dataset.Length)
    {
        WriteAsync = async (output, flush, cancellation) =>
        {
            foreach (var piece in Dataset.Chunk(70_000))
            {
                piece.CopyTo(output.GetSpan(piece.Length));
                output.Advance(piece.Length);
                await flush(cancellation);
            }
        },
    };

    private static async IAsyncEnumerable<DicomResponse> Matches(int count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            yield return TestProvider.Match;
        }

        yield return DicomResponse.Success;
    }
}
