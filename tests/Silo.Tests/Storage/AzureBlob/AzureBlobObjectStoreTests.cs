using System.Net;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

[Trait("Server", "yes")]
public sealed class AzureBlobObjectStoreTests(SharedAzurite azurite) : ObjectStoreContract, IAsyncLifetime
{
    private static readonly AzureBlobLimits Brisk = new() { RetryDelay = TimeSpan.FromMilliseconds(1) };

    private readonly FakeTimeProvider time = new();
    private readonly StudyHandle study = StudyHandle.New();
    private TestContainer container = null!;

    public async ValueTask InitializeAsync() => container = new TestContainer(await azurite.GetAsync());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override IObjectStore Open() => container.Open(time);

    [Fact]
    public async Task A_segment_without_appends_for_long_is_closed()
    {
        await using var store = container.Open(time, new SegmentLimits { Idle = TimeSpan.FromMinutes(1) });
        var (first, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        time.Advance(TimeSpan.FromSeconds(30));
        var (second, _) = await store.AppendAsync(study, Bytes(2, 10), default);
        time.Advance(TimeSpan.FromMinutes(2));
        var (third, _) = await store.AppendAsync(study, Bytes(3, 10), default);

        Assert.Equal(first, second);
        Assert.NotEqual(first, third);
        await store.FlushAsync(study, [first, third], default);
    }

    [Fact]
    public async Task A_full_segment_takes_no_more()
    {
        await using var store = container.Open(time, new SegmentLimits { Size = 1000 });
        var segments = new List<SegmentId>();
        for (var i = 0; i < 4; i++)
            segments.Add((await store.AppendAsync(study, Bytes(i, 600), default)).Segment);

        Assert.Equal(segments[0], segments[1]);
        Assert.NotEqual(segments[1], segments[2]);
        Assert.Equal(segments[2], segments[3]);
        await store.FlushAsync(study, segments.Distinct().ToList(), default);
    }

    [Fact]
    public async Task More_studies_than_segments_may_be_open_lose_nothing()
    {
        await using var store = container.Open(time, new SegmentLimits { Writers = 4 });
        var parts = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            await Task.Yield();
            var handle = new StudyHandle(new Guid(i % 20, 0, 0, new byte[8]));
            var bytes = Bytes(i, 500 + i);
            var (segment, offset) = await store.AppendAsync(handle, bytes, default);
            await store.FlushAsync(handle, [segment], default);
            return (handle, segment, offset, bytes);
        }));

        foreach (var (handle, segment, offset, bytes) in parts)
        {
            var buffer = new byte[bytes.Length];
            Assert.Equal(bytes.Length, await store.ReadAsync(handle, segment, offset, buffer, default));
            Assert.Equal(bytes, buffer);
        }
    }

    [Fact]
    public async Task A_segment_takes_512_blocks_and_the_next_goes_to_another()
    {
        await using var store = container.Open(time, blobLimits: new AzureBlobLimits { BlockSize = 100 });
        var parts = await Task.WhenAll(Enumerable.Range(0, 600).Select(async i =>
        {
            await Task.Yield();
            var (segment, offset) = await store.AppendAsync(study, Bytes(i, 100), default);
            if (i % 100 == 0)
                await store.FlushAsync(study, [segment], default);
            return (segment, offset, bytes: Bytes(i, 100));
        }));
        var bySegment = parts.GroupBy(part => part.segment).ToList();
        await store.FlushAsync(study, bySegment.Select(group => group.Key).ToList(), default);

        Assert.Equal([88, 512], bySegment.Select(group => group.Count()).Order());
        var restarted = Open();
        foreach (var group in bySegment)
        {
            var list = await container.Bare.GetBlockBlobClient(BlobLayout.Name(study, group.Key)).GetBlockListAsync(BlockListTypes.All);
            Assert.Equal(group.Count(), list.Value.CommittedBlocks.Count());
            Assert.Empty(list.Value.UncommittedBlocks);
            var whole = new byte[group.Sum(part => part.bytes.Length)];
            Assert.Equal(whole.Length, await restarted.ReadAsync(study, group.Key, 0, whole, default));
            foreach (var (_, offset, bytes) in group)
                Assert.Equal(bytes, whole[(int)offset..((int)offset + bytes.Length)]);
        }
    }

    [Fact]
    public async Task What_is_flushed_together_is_one_block()
    {
        await using var store = container.Open(time);
        SegmentId segment = default;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 5; i++)
                segment = (await store.AppendAsync(study, Bytes(i, 1000), default)).Segment;
            await store.FlushAsync(study, [segment], default);
        }

        var list = await container.Bare.GetBlockBlobClient(BlobLayout.Name(study, segment)).GetBlockListAsync(BlockListTypes.All);
        Assert.Equal([5000, 5000, 5000], list.Value.CommittedBlocks.Select(block => block.SizeLong));
    }

    [Fact]
    public async Task Segments_that_hold_more_in_memory_than_they_may_are_staged_before_they_are_flushed()
    {
        await using var store = container.Open(time, blobLimits: new AzureBlobLimits { Held = 2000 });
        for (var i = 0; i < 10; i++)
            await store.AppendAsync(StudyHandle.New(), Bytes(i, 1000), default);

        Assert.Equal(8, (await container.BlobsAsync()).Count);
    }

    [Fact]
    public async Task Another_process_sees_what_was_flushed_and_nothing_else()
    {
        var store = container.Open(time);
        var flushed = new List<byte>();
        SegmentId segment = default;
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 3; i++)
            {
                var bytes = Bytes(round * 3 + i, 1000);
                segment = (await store.AppendAsync(study, bytes, default)).Segment;
                flushed.AddRange(bytes);
            }

            await store.FlushAsync(study, [segment], default);
        }

        await store.AppendAsync(study, Bytes(99, 1000), default);
        var unflushed = StudyHandle.New();
        await store.AppendAsync(unflushed, Bytes(98, 1000), default);

        var other = Open();
        var whole = new byte[flushed.Count + 1];
        Assert.Equal([(segment, flushed.Count)], await other.ListSegmentsAsync(study, default).Select(one => (one.Segment, one.Length)).ToListAsync());
        Assert.Equal(flushed.Count, await other.ReadAsync(study, segment, 0, whole, default));
        Assert.Equal(flushed, whole[..^1]);
        Assert.Equal([study], await other.ListStudiesAsync(default).ToListAsync());
    }

    [Fact]
    public async Task What_a_graceful_stop_finds_unflushed_it_flushes()
    {
        var store = container.Open(time);
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 1000), default);
        await store.DisposeAsync();

        var buffer = new byte[1000];
        Assert.Equal(1000, await Open().ReadAsync(study, segment, 0, buffer, default));
        Assert.Equal(Bytes(1, 1000), buffer);
    }

    [Fact]
    public async Task A_segment_that_lost_a_block_loses_all_that_was_not_flushed_and_nothing_that_was()
    {
        var network = new LossyNetwork();
        await using var store = container.Open(time, network, Brisk with { BlockSize = 100 });
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 50), default);
        await store.FlushAsync(study, [segment], default);
        network.LosesAnswer = LossyNetwork.IsStage;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.AppendAsync(study, Bytes(2, 350), default));
        network.LosesAnswer = _ => false;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [segment], default));

        var (next, offset) = await store.AppendAsync(study, Bytes(3, 50), default);
        await store.FlushAsync(study, [next], default);
        Assert.NotEqual(segment, next);
        Assert.Equal(0, offset);
        var whole = new byte[100];
        Assert.Equal(50, await store.ReadAsync(study, segment, 0, whole, default));
        Assert.Equal(Bytes(1, 50), whole[..50]);
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_known_for_done_by_the_next_try()
    {
        var network = new LossyNetwork();
        await using var store = container.Open(time, network, Brisk);
        for (var round = 0; round < 3; round++)
        {
            var lost = false;
            network.LosesAnswer = request => LossyNetwork.IsCommit(request) && !lost && (lost = true);
            var (segment, _) = await store.AppendAsync(study, Bytes(round, 100), default);
            await store.FlushAsync(study, [segment], default);
            Assert.True(lost);
        }

        var (_, length, _) = Assert.Single(await Open().ListSegmentsAsync(study, default).ToListAsync());
        Assert.Equal(300, length);
    }

    [Fact]
    public async Task A_segment_whose_flush_failed_is_never_called_durable_and_takes_no_more()
    {
        var network = new LossyNetwork();
        await using var store = container.Open(time, network, Brisk);
        var (lost, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        await store.FlushAsync(study, [lost], default);
        await store.AppendAsync(study, Bytes(1, 10), default);
        network.LosesRequest = LossyNetwork.IsCommit;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [lost], default));
        network.LosesRequest = _ => false;
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [lost], default));

        var (next, offset) = await store.AppendAsync(study, Bytes(2, 10), default);
        await store.FlushAsync(study, [next], default);
        Assert.NotEqual(lost, next);
        Assert.Equal(0, offset);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [lost, next], default));
        Assert.Equal(10, await store.ReadAsync(study, lost, 0, new byte[20], default));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task An_answer_that_says_nothing_of_the_blob_is_a_fault_that_may_pass(HttpStatusCode status)
    {
        var network = new LossyNetwork();
        await using var store = container.Open(time, network, Brisk with { BreakAfter = 100 });
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        await store.FlushAsync(study, [segment], default);
        network.Answers = _ => status;

        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.ReadAsync(study, segment, 0, new byte[10], default));
        await store.AppendAsync(study, Bytes(1, 10), default);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [segment], default));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.DeleteStudyAsync(study, default));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.ListStudiesAsync(default).ToListAsync());
    }

    [Fact]
    public async Task A_container_that_is_gone_is_a_fault_of_the_service_and_not_a_missing_object()
    {
        await using var store = container.Open(time);
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        await store.FlushAsync(study, [segment], default);
        await container.Bare.DeleteAsync();

        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.ReadAsync(study, segment, 0, new byte[10], default));
        await store.AppendAsync(study, Bytes(1, 10), default);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [segment], default));
    }

    [Fact]
    public async Task A_caller_who_leaves_is_told_so_and_the_store_goes_on()
    {
        await using var store = container.Open(time);
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.AppendAsync(study, Bytes(1, 10), left.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.FlushAsync(study, [segment], left.Token));
        await store.FlushAsync(study, [segment], default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.ReadAsync(study, segment, 0, new byte[1], left.Token));
    }

    [Fact]
    public async Task Deletion_takes_what_was_never_committed_too_and_whoever_wrote_it_cannot_commit()
    {
        var here = container.Open(time);
        var there = container.Open(time, blobLimits: new AzureBlobLimits { BlockSize = 1000 });
        var (committed, _) = await there.AppendAsync(study, Bytes(1, 10), default);
        await there.FlushAsync(study, [committed], default);
        await there.AppendAsync(study, Bytes(2, 3000), default);
        await using var streaming = await there.CreateSegmentAsync(study, default);
        await streaming.WriteAsync(Bytes(3, 3000), default);
        var (appended, _) = await here.AppendAsync(study, Bytes(4, 10), default);

        await here.DeleteStudyAsync(study, default);

        Assert.Empty(await container.BlobsAsync());
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await here.FlushAsync(study, [appended], default));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await there.FlushAsync(study, [committed], default));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await streaming.CompleteAsync(default));
        await streaming.DisposeAsync();
        Assert.Empty(await container.Bare.GetBlobsAsync().ToListAsync());
    }

    [Fact]
    public async Task One_segment_is_deleted_and_the_next_append_goes_to_another()
    {
        await using var store = container.Open(time);
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        await store.FlushAsync(study, [segment], default);
        await store.AppendAsync(study, Bytes(2, 10), default);

        await store.DeleteSegmentAsync(study, segment, default);
        await store.DeleteSegmentAsync(study, segment, default);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.FlushAsync(study, [segment], default));
        var (next, _) = await store.AppendAsync(study, Bytes(3, 10), default);
        await store.FlushAsync(study, [next], default);
        await Open().ListSegmentsAsync(study, default).SingleAsync(found => found.Segment == next);
        await container.Open(time).DeleteSegmentAsync(study, next, default);
        Assert.Empty(await container.BlobsAsync());
    }

    [Fact]
    public async Task What_is_not_a_segment_is_not_listed()
    {
        await using var store = container.Open(time);
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        await store.FlushAsync(study, [segment], default);
        await container.Bare.UploadBlobAsync("readme.txt", BinaryData.FromString("not a segment"));
        await container.Bare.UploadBlobAsync("00/lost/found", BinaryData.FromString("not a segment"));
        await container.Bare.UploadBlobAsync(BlobLayout.Prefix(study) + "readme.txt", BinaryData.FromString("not a segment"));

        Assert.Equal([study], await store.ListStudiesAsync(default).ToListAsync());
        Assert.Equal([(segment, 10L)], await store.ListSegmentsAsync(study, default).Select(one => (one.Segment, one.Length)).ToListAsync());
    }
}
