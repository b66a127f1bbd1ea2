using System.Buffers;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>C-FIND, C-GET and C-MOVE as their user, over loopback.</summary>
public class ClientRetrievalTests
{
    private static readonly byte[] Dataset = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    private static readonly DicomDataset Identifier = new DicomDataset().AddOrUpdate(DicomTag.QueryRetrieveLevel, "STUDY");

    [Fact]
    public async Task A_find_gives_each_match_and_the_association_goes_on()
    {
        await using var server = new TestServer(new TestProvider { OnFind = _ => Responses(TestProvider.Match, TestProvider.Match, DicomResponse.Success) });
        await using var client = await OpenAsync(server, TestProvider.Find);
        var matches = new List<DicomDataset>();
        await foreach (var match in client.FindAsync(TestProvider.Find, Identifier, default))
            matches.Add(match);

        Assert.Equal(["P1", "P1"], matches.Select(match => match.GetString(DicomTag.PatientID)));
        Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
    }

    [Fact]
    public async Task A_find_that_fails_or_is_not_there_says_so()
    {
        await using var server = new TestServer(new TestProvider { OnFind = _ => Responses(new DicomResponse(DicomStatus.OutOfResources)) });
        await using var client = await OpenAsync(server, TestProvider.Find);
        var failed = await Assert.ThrowsAsync<DicomClientException>(async () => await client.FindAsync(TestProvider.Find, Identifier, default).CountAsync());
        Assert.Contains("A700", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DicomClientException>(async () => await client.FindAsync(TestProvider.Find, Identifier, default).CountAsync());

        await using var other = await OpenAsync(server, "1.2.3.4");
        await Assert.ThrowsAsync<DicomClientException>(async () => await other.FindAsync("1.2.3.4", Identifier, default).CountAsync());
    }

    [Fact]
    public async Task A_find_that_is_cancelled_ends_at_once()
    {
        await using var server = new TestServer();
        await using var client = await OpenAsync(server, TestProvider.Find);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var match in client.FindAsync(TestProvider.Find, Identifier, stop.Token))
                await stop.CancelAsync();
        });
        await Assert.ThrowsAsync<DicomClientException>(() => client.EchoAsync(default));
    }

    [Fact]
    public async Task A_get_hands_over_each_instance_and_counts_what_was_refused()
    {
        await using var server = new TestServer(new TestProvider { OnRetrieve = () => Retrieval("1.1", "1.2", "1.3") });
        await using var client = await OpenAsync(server, TestProvider.Get);
        var received = new Dictionary<string, byte[]>();
        var result = await client.GetAsync(
            TestProvider.Get,
            Identifier,
            async (store, cancellation) =>
            {
                if (store.SOPInstanceUID == "1.2")
                    return DicomStatus.OutOfResources; // Its data set is left unread.

                using var copy = new MemoryStream();
                await store.Dataset.CopyToAsync(copy, cancellation);
                received.Add(store.SOPInstanceUID!, copy.ToArray());
                return DicomStatus.Success;
            },
            default);

        Assert.Equal(new DicomRetrieveResult(DicomStatus.SubOperationsWithFailures, Remaining: 0, Completed: 2, Failed: 1, Warnings: 0), result);
        Assert.Equal(["1.1", "1.3"], received.Keys.Order());
        Assert.All(received.Values, bytes => Assert.Equal(Dataset, bytes));
        Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
    }

    [Fact]
    public async Task A_get_whose_receiver_fails_ends_the_association()
    {
        await using var server = new TestServer(new TestProvider { OnRetrieve = () => Retrieval("1.1") });
        await using (var client = await OpenAsync(server, TestProvider.Get))
            await Assert.ThrowsAsync<IOException>(() => client.GetAsync(TestProvider.Get, Identifier, (_, _) => throw new IOException("The disk is full."), default));

        Assert.IsType<DicomAssociationAbortedException>(await server.Provider.Ended);
    }

    [Fact]
    public async Task A_move_goes_to_another_and_is_counted_here()
    {
        var stored = new List<string>();
        await using var destination = new TestServer(new TestProvider
        {
            OnStore = (store, _) =>
            {
                stored.Add(store.SOPInstanceUID!);
                return ValueTask.FromResult(DicomResponse.Success);
            },
        });
        await using var server = new TestServer(new TestProvider
        {
            OnRetrieve = () => Retrieval("1.1", "1.2") with { Destination = TestServer.ClientOptions(destination.Port) },
        });
        await using var client = await OpenAsync(server, TestProvider.Move);
        var pending = new List<int>();
        var result = await client.MoveAsync(TestProvider.Move, Identifier, "DESTINATION", told => pending.Add(told.Remaining), default);

        Assert.Equal(new DicomRetrieveResult(DicomStatus.Success, Remaining: 0, Completed: 2, Failed: 0, Warnings: 0), result);
        Assert.Equal(["1.1", "1.2"], stored);
        Assert.Equal([1], pending);
    }

    [Fact]
    public async Task A_move_that_is_refused_comes_with_the_other_ends_words()
    {
        await using var server = new TestServer(new TestProvider { OnRetrieve = () => DicomRetrieval.Refused(DicomStatus.MoveDestinationUnknown, "Who is that?") });
        await using var client = await OpenAsync(server, TestProvider.Move);
        var result = await client.MoveAsync(TestProvider.Move, Identifier, "NOWHERE", null, default);
        Assert.Equal((DicomStatus.MoveDestinationUnknown, "Who is that?"), (result.Status, result.Comment));
    }

    private static Task<DicomClient> OpenAsync(TestServer server, string model) => DicomClient.OpenAsync(
        TestServer.ClientOptions(server.Port) with
        {
            Contexts =
            [
                (model, [TestProvider.Implicit]), (TestProvider.Storage, [TestProvider.Implicit]), (TestProvider.Verification, [TestProvider.Implicit]),
            ],
            Roles = [new(TestProvider.Storage, IsUser: false, IsProvider: true)],
        },
        default);

    private static DicomRetrieval Retrieval(params string[] instances) => new(
        DicomStatus.Success,
        instances.Length,
        instances.ToAsyncEnumerable().Select(uid => new DicomOutgoingInstance(TestProvider.Storage, uid, TestProvider.Implicit, Dataset.Length)
        {
            WriteAsync = async (output, flush, cancellation) =>
            {
                output.Write(Dataset);
                await flush(cancellation);
            },
        }));

    private static async IAsyncEnumerable<DicomResponse> Responses(params DicomResponse[] responses)
    {
        foreach (var response in responses)
        {
            await Task.Yield();
            yield return response;
        }
    }
}
