using System.Runtime.CompilerServices;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>C-GET, which stores back on its own association, over loopback.</summary>
public class RetrievalTests
{
    private static readonly byte[] Dataset = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task Instances_are_stored_back_and_counted()
    {
        await using var server = Serve(Instance("1.1"), Instance("1.2"), Instance("1.3"), Instance("1.4") with { IsLost = true }, Instance("1.5") with { SOPClassUID = "1.2.3.4" });
        await using var peer = await GetAsync(server);
        ushort[] answers = [DicomStatus.Success, DicomStatus.CoercionOfDataElements, DicomStatus.OutOfResources];
        for (var i = 0; i < answers.Length; i++)
        {
            await AnswerStoreAsync(peer, $"1.{i + 1}", answers[i]);
            Assert.Equal((DicomStatus.Pending, 4 - i), await RemainingAsync(peer));
        }

        Assert.Equal((DicomStatus.Pending, 1), await RemainingAsync(peer));
        var end = await peer.ReceiveAsync();
        Assert.Equal(DicomStatus.SubOperationsWithFailures, end.Status);
        AssertCounts(end, completed: 1, failed: 3, warnings: 1);
        Assert.False(end.Command.Contains(DicomTag.NumberOfRemainingSuboperations));
        Assert.Equal(["1.3", "1.4", "1.5"], (await end.ReadDatasetAsync(default)).GetStrings(DicomTag.FailedSOPInstanceUIDList));
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task Nothing_to_send_is_a_success()
    {
        await using var server = Serve();
        await using var peer = await GetAsync(server);
        var end = await peer.ReceiveAsync();
        Assert.Equal(DicomStatus.Success, end.Status);
        AssertCounts(end, completed: 0, failed: 0, warnings: 0);
    }

    [Fact]
    public async Task Nothing_that_could_be_sent_is_a_failure()
    {
        await using var server = Serve(Instance("1.1") with { IsLost = true });
        await using var peer = await GetAsync(server);
        Assert.Equal(DicomStatus.CannotPerformSubOperations, (await peer.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task A_cancel_between_two_instances_ends_it_and_says_what_remains()
    {
        await using var server = Serve(Instance("1.1"), Instance("1.2"), Instance("1.3"));
        await using var peer = await GetAsync(server);
        var store = await peer.ReceiveAsync();
        await peer.CancelAsync(7, messageId: 1);
        await peer.AnswerAsync(store, DicomStatus.Success);
        await AssertCancelledAsync(peer, completed: 1, remaining: 2);
    }

    [Fact]
    public async Task A_cancel_of_something_else_is_passed_over()
    {
        await using var server = Serve(Instance("1.1"), Instance("1.2"));
        await using var peer = await GetAsync(server);
        var store = await peer.ReceiveAsync();
        await peer.CancelAsync(7, messageId: 2);
        await peer.AnswerAsync(store, DicomStatus.Success);
        Assert.Equal((DicomStatus.Pending, 1), await RemainingAsync(peer));
        await AnswerStoreAsync(peer, "1.2", DicomStatus.Success);
        Assert.Equal(DicomStatus.Success, (await peer.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task A_cancel_within_a_data_set_waits_for_its_end()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var halved = Instance("1.1") with
        {
            WriteAsync = async (output, flush, cancellation) =>
            {
                Write(output, Dataset.AsSpan(0, 3000));
                await flush(cancellation);
                await cancelled.Task.WaitAsync(TestPeer.Patience, CancellationToken.None);
                Write(output, Dataset.AsSpan(3000));
                await flush(cancellation);
            },
        };
        await using var server = Serve(cancelled.SetResult, halved, Instance("1.2"));
        await using var peer = await GetAsync(server);
        var store = await peer.ReceiveAsync();
        await peer.CancelAsync(7, messageId: 1);
        await AnswerStoreAsync(peer, store, "1.1", DicomStatus.Success);
        await AssertCancelledAsync(peer, completed: 1, remaining: 1);
    }

    [Fact]
    public async Task A_release_in_the_place_of_an_answer_ends_it_and_is_granted()
    {
        await using var server = Serve(Instance("1.1"), Instance("1.2"));
        await using var peer = await GetAsync(server);
        var store = await peer.ReceiveAsync();
        await store.Dataset.CopyToAsync(Stream.Null);
        Assert.Equal(DicomStatus.Cancel, Assert.Single(await peer.ReleaseAsync()));
        Assert.Null(await server.Provider.Ended);
    }

    [Fact]
    public async Task Another_message_in_the_place_of_an_answer_aborts_the_association()
    {
        await using var server = Serve(Instance("1.1"));
        await using var peer = await GetAsync(server);
        await (await peer.ReceiveAsync()).Dataset.CopyToAsync(Stream.Null);
        await peer.SendAsync(1, DimseCommands.Request(DicomCommandField.CEchoRequest, TestProvider.Verification, 2));
        await peer.AssertAbortAsync(DicomAbortReason.UnexpectedPDUParameter);
    }

    [Fact]
    public async Task A_move_stores_at_its_destination()
    {
        var stored = new List<(string? Instance, string? Originator)>();
        await using var destination = new TestServer(new TestProvider { OnStore = (request, _) =>
        {
            stored.Add((request.SOPInstanceUID, request.Command.GetString(DicomTag.MoveOriginatorApplicationEntityTitle)));
            return ValueTask.FromResult(DicomResponse.Success);
        } });
        await using var server = ServeMove(destination.Port, Instance("1.1"), Instance("1.2"));
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(7, DicomCommandField.CMoveRequest, messageId: 1);
        Assert.Equal((DicomStatus.Pending, 1), await RemainingAsync(peer));
        var end = await peer.ReceiveAsync();
        Assert.Equal((DicomCommandField.CMoveResponse, DicomStatus.Success), (end.Type, end.Status));
        AssertCounts(end, completed: 2, failed: 0, warnings: 0);
        Assert.Equal([("1.1", "TEST"), ("1.2", "TEST")], stored);
        Assert.Null(await destination.Provider.Ended);
    }

    [Fact]
    public async Task A_move_to_a_destination_that_does_not_answer_says_so()
    {
        var gone = new TestServer();
        var port = gone.Port;
        await gone.DisposeAsync();
        await using var server = ServeMove(port, Instance("1.1"));
        await using var peer = await server.AssociateAsync();
        await peer.QueryAsync(7, DicomCommandField.CMoveRequest, messageId: 1);
        Assert.Equal(DicomStatus.CannotPerformSubOperations, (await peer.ReceiveAsync()).Status);
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task A_stop_within_a_data_set_aborts_the_association()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var endless = Instance("1.1") with
        {
            WriteAsync = async (output, flush, cancellation) =>
            {
                Write(output, Dataset.AsSpan(0, 3000));
                await flush(cancellation);
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            },
        };
        await using var server = Serve(endless);
        await using var peer = await GetAsync(server);
        await begun.Task.WaitAsync(TestPeer.Patience);
        using var patience = new CancellationTokenSource(TestPeer.Patience);
        await server.StopAsync(patience.Token);
        Assert.IsType<OperationCanceledException>(await server.Provider.Ended, exactMatch: false);
        var store = await peer.ReceiveAsync();
        await Assert.ThrowsAsync<DicomAssociationAbortedException>(() => store.Dataset.CopyToAsync(Stream.Null));
    }

    private static TestServer Serve(params DicomOutgoingInstance[] instances) => Serve(() => { }, instances);

    private static TestServer Serve(Action cancelled, params DicomOutgoingInstance[] instances) =>
        new(new TestProvider { OnRetrieve = () => new(DicomStatus.Success, instances.Length, Each(instances, cancelled)) });

    private static TestServer ServeMove(int port, params DicomOutgoingInstance[] instances) =>
        new(new TestProvider { OnRetrieve = () => new(DicomStatus.Success, instances.Length, Each(instances, () => { })) { Destination = TestServer.ClientOptions(port) } });

    private static async IAsyncEnumerable<DicomOutgoingInstance> Each(
        DicomOutgoingInstance[] instances, Action cancelled, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var registration = cancellation.Register(cancelled);
        foreach (var instance in instances)
        {
            await Task.Yield();
            yield return instance;
        }
    }

    /// <summary>An association with a get under way, in PDUs of 1000 bytes.</summary>
    private static async Task<TestPeer> GetAsync(TestServer server)
    {
        var peer = await server.AssociateAsync(maxPduLength: 1000);
        await peer.QueryAsync(7, DicomCommandField.CGetRequest, messageId: 1);
        return peer;
    }

    private static async Task AnswerStoreAsync(TestPeer peer, string uid, ushort status) =>
        await AnswerStoreAsync(peer, await peer.ReceiveAsync(), uid, status);

    private static async Task AnswerStoreAsync(TestPeer peer, DicomMessage store, string uid, ushort status)
    {
        Assert.Equal((DicomCommandField.CStoreRequest, uid, 3), (store.Type, store.SOPInstanceUID, store.Context.ID));
        var stored = new MemoryStream();
        await store.Dataset.CopyToAsync(stored);
        Assert.Equal(Dataset, stored.ToArray());
        await peer.AnswerAsync(store, status);
    }

    private static async Task<(ushort Status, int Remaining)> RemainingAsync(TestPeer peer)
    {
        var pending = await peer.ReceiveAsync();
        return (pending.Status, pending.Command.GetInt32(DicomTag.NumberOfRemainingSuboperations));
    }

    private static async Task AssertCancelledAsync(TestPeer peer, int completed, int remaining)
    {
        var answer = await peer.ReceiveAsync();
        while (answer.Status == DicomStatus.Pending)
            answer = await peer.ReceiveAsync();

        Assert.Equal((DicomCommandField.CGetResponse, DicomStatus.Cancel), (answer.Type, answer.Status));
        Assert.Equal(remaining, answer.Command.GetInt32(DicomTag.NumberOfRemainingSuboperations));
        AssertCounts(answer, completed, failed: 0, warnings: 0);
        await peer.AssertEchoAsync();
    }

    private static void AssertCounts(DicomMessage end, int completed, int failed, int warnings)
    {
        Assert.Equal(completed, end.Command.GetInt32(DicomTag.NumberOfCompletedSuboperations));
        Assert.Equal(failed, end.Command.GetInt32(DicomTag.NumberOfFailedSuboperations));
        Assert.Equal(warnings, end.Command.GetInt32(DicomTag.NumberOfWarningSuboperations));
    }

    private static DicomOutgoingInstance Instance(string uid) => new(TestProvider.Storage, uid, TestProvider.Implicit, Dataset.Length)
    {
        WriteAsync = async (output, flush, cancellation) =>
        {
            Write(output, Dataset);
            await flush(cancellation);
        },
    };

    private static void Write(System.Buffers.IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
