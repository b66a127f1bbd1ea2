using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using SecureStore.Client.Dimse;
using SecureStore.Client.Importing;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Tests;

/// <summary>What listens for a C-MOVE takes what is awaited, once, from the archive that was asked, and nothing else.</summary>
public sealed class MoveReceiverTests
{
    const string CT = "1.2.840.10008.5.1.4.1.1.2";

    [Fact]
    public async Task It_takes_what_is_awaited_once_and_nothing_else()
    {
        await using var receiver = await StartAsync("127.0.0.1");
        var output = Channel.CreateUnbounded<FetchedInstance>();
        await using var sender = await OpenAsync(receiver, "IMPORT");
        Assert.Equal(DicomStatus.NotAuthorized, await StoreAsync(sender, "1.2.3.1"));
        using (receiver.Await(["1.2.3.1", "1.2.3.2"], new Arrivals([Awaited("1.2.3.1"), Awaited("1.2.3.2")], output.Writer)))
        {
            Assert.Equal(DicomStatus.Success, await StoreAsync(sender, "1.2.3.1"));
            Assert.Equal(DicomStatus.NotAuthorized, await StoreAsync(sender, "1.2.3.1"));
            Assert.Equal(DicomStatus.NotAuthorized, await StoreAsync(sender, "1.2.3.3"));
        }

        Assert.Equal(DicomStatus.NotAuthorized, await StoreAsync(sender, "1.2.3.2"));
        Assert.True(output.Reader.TryRead(out var came));
        using (came)
        {
            Assert.Equal(("1.2", "1.2.4", "1.2.3.1"), (came.File!.Identity.Study, came.File.Identity.Series, came.File.Identity.Instance));
        }

        Assert.False(output.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Nobody_else_and_under_no_other_name()
    {
        await using var receiver = await StartAsync("127.0.0.1");
        var refused = await Assert.ThrowsAsync<DicomClientException>(() => OpenAsync(receiver, "OTHER"));
        Assert.Contains("CalledAENotRecognized", refused.Message, StringComparison.Ordinal);

        await using var ofAnother = await StartAsync("192.0.2.1");
        refused = await Assert.ThrowsAsync<DicomClientException>(() => OpenAsync(ofAnother, "IMPORT"));
        Assert.Contains("CallingAENotRecognized", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_at_the_end_is_waited_for_and_what_does_not_come_whole_has_not_come()
    {
        await using var receiver = await StartAsync("127.0.0.1");
        var output = new Slow();
        var arrivals = new Arrivals([Awaited("1.2.3.1"), Awaited("1.2.3.2"), Awaited("1.2.3.3")], output);
        using (receiver.Await(["1.2.3.1", "1.2.3.2", "1.2.3.3"], arrivals))
        {
            await using var sender = await OpenAsync(receiver, "IMPORT");
            await using var other = await OpenAsync(receiver, "IMPORT");
            var (storing, failing) = (StoreAsync(sender, "1.2.3.1"), StoreAsync(other, "1.2.3.2"));
            await output.Arrived("1.2.3.1");
            await output.Arrived("1.2.3.2");

            // The C-MOVE is answered meanwhile.
            var ending = arrivals.EndAsync(default);
            Assert.False(ending.IsCompleted);
            Assert.Equal(DicomStatus.NotAuthorized, await StoreOnItsOwnAsync(receiver, "1.2.3.3"));
            output.Take("1.2.3.1");
            Assert.Equal(DicomStatus.Success, await storing);
            Assert.False(ending.IsCompleted);
            output.Fail("1.2.3.2");
            await Assert.ThrowsAsync<DicomClientException>(() => failing);
            Assert.Equal(["1.2.3.2", "1.2.3.3"], (await ending).Select(one => one.Uid).Order());
        }
    }

    static async Task<ushort> StoreOnItsOwnAsync(MoveReceiver receiver, string uid)
    {
        await using var sender = await OpenAsync(receiver, "IMPORT");
        return await StoreAsync(sender, uid);
    }

    /// <summary>Has room for an instance when the test says so.</summary>
    sealed class Slow : ChannelWriter<FetchedInstance>
    {
        readonly ConcurrentDictionary<string, TaskCompletionSource> _arrived = new();
        readonly ConcurrentDictionary<string, TaskCompletionSource> _taken = new();

        public Task Arrived(string uid) => Of(_arrived, uid).Task;

        public void Take(string uid) => Of(_taken, uid).SetResult();

        public void Fail(string uid) => Of(_taken, uid).SetException(new IOException("the disk is full"));

        public override async ValueTask WriteAsync(FetchedInstance item, CancellationToken cancellationToken = default)
        {
            Of(_arrived, item.Source.Uid!).SetResult();
            await Of(_taken, item.Source.Uid!).Task;
            item.Dispose();
        }

        public override bool TryWrite(FetchedInstance item) => false;

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => new(true);

        static TaskCompletionSource Of(ConcurrentDictionary<string, TaskCompletionSource> all, string uid) =>
            all.GetOrAdd(uid, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    static SourceInstance Awaited(string uid) => new(uid, [uid], "1.2.4", uid);

    static Task<MoveReceiver> StartAsync(string sourceHost) => MoveReceiver.StartAsync(
        new DimsePeer { Host = sourceHost, Port = 104, CalledAE = "PACS", CallingAE = "IMPORT" }, new IPEndPoint(IPAddress.Loopback, 0), null, default);

    static Task<DicomClient> OpenAsync(MoveReceiver receiver, string calledAE) => DicomClient.OpenAsync(
        new DicomClientOptions
        {
            Host = "127.0.0.1", Port = receiver.EndPoint.Port, CalledAE = calledAE, CallingAE = "PACS", Contexts = [(CT, [DicomTransferSyntax.ExplicitVRLittleEndian.UID])],
        },
        default);

    static Task<ushort> StoreAsync(DicomClient client, string uid)
    {
        var dataset = new ArrayBufferWriter<byte>();
        DicomWriter.WriteDataset(
            dataset,
            new DicomDataset().AddOrUpdate(DicomTag.SOPInstanceUID, uid).AddOrUpdate(DicomTag.StudyInstanceUID, "1.2").AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.4"),
            DicomTransferSyntax.ExplicitVRLittleEndian);
        var instance = new DicomOutgoingInstance(CT, uid, DicomTransferSyntax.ExplicitVRLittleEndian.UID, dataset.WrittenCount)
        {
            WriteAsync = async (output, flush, cancellation) =>
            {
                output.Write(dataset.WrittenSpan);
                await flush(cancellation);
            },
        };
        return client.StoreAsync(instance, default);
    }
}
