using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

/// <summary>The blob service stands still, is away, comes back.</summary>
[Trait("Server", "yes")]
public sealed class AzureBlobOutageTests : IAsyncLifetime
{
    private static readonly AzureBlobLimits Impatient = new()
    {
        Retries = 1,
        RetryDelay = TimeSpan.FromMilliseconds(10),
        TryTime = TimeSpan.FromSeconds(3),
        BreakAfter = 2,
    };

    private readonly FakeTimeProvider time = new();
    private readonly StudyHandle study = StudyHandle.New();
    private AzuriteServer server = null!;

    public async ValueTask InitializeAsync() => server = await AzuriteServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_service_that_stands_still_is_reported_in_bounded_time_and_used_again_when_it_moves()
    {
        await using var store = new TestContainer(server).Open(time, blobLimits: Impatient);
        var (segment, _) = await FlushedAsync(store);

        server.Pause();
        await AssertUnavailableAsync(store, segment, TimeSpan.FromSeconds(30));
        server.Resume();

        await AssertUsedAgainAsync(store, segment);
    }

    [Fact]
    public async Task A_service_that_is_stopped_is_reported_in_bounded_time_and_used_again_when_it_is_back()
    {
        await using var store = new TestContainer(server).Open(time, blobLimits: Impatient);
        var (segment, _) = await FlushedAsync(store);

        await server.StopAsync();
        await AssertUnavailableAsync(store, segment, TimeSpan.FromSeconds(10));
        await server.StartAgainAsync();

        await AssertUsedAgainAsync(store, segment);
    }

    [Fact]
    public async Task A_call_ends_in_its_time_whatever_its_tries_may_take()
    {
        var limits = new AzureBlobLimits { TryTime = TimeSpan.FromMinutes(5), CallTime = TimeSpan.FromSeconds(1) };
        var container = new TestContainer(server);
        await FlushedAsync(container.Open(TimeProvider.System));
        await using var store = container.Open(TimeProvider.System, blobLimits: limits);
        server.Pause();

        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await FlushedAsync(store));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        server.Resume();
    }

    [Fact]
    public async Task What_was_appended_before_an_outage_and_not_flushed_is_never_acknowledged()
    {
        var container = new TestContainer(server);
        await using var store = container.Open(time, blobLimits: Impatient);
        var (segment, _) = await FlushedAsync(store);
        await store.AppendAsync(study, new byte[50], default);

        server.Pause();
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [segment], default));
        server.Resume();
        time.Advance(Impatient.BreakTime + TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [segment], default));
        var (next, offset) = await FlushedAsync(store);
        Assert.NotEqual(segment, next);
        Assert.Equal(0, offset);
    }

    [Fact]
    public async Task A_writer_is_at_most_two_blocks_ahead_of_the_service()
    {
        var patient = new AzureBlobLimits { BlockSize = 1 << 20, TryTime = TimeSpan.FromMinutes(5) };
        await using var store = new TestContainer(server).Open(time, blobLimits: patient);
        await FlushedAsync(store);
        await using var writer = await store.CreateSegmentAsync(study, default);
        var bytes = new byte[64 << 10];
        new Random(1).NextBytes(bytes);

        server.Pause();
        var ahead = 0L;
        var write = writer.WriteAsync(bytes, default);
        while (write.IsCompletedSuccessfully && ahead < 64 << 20)
        {
            ahead += bytes.Length;
            write = writer.WriteAsync(bytes, default);
        }

        server.Resume();
        await write;
        Assert.InRange(ahead, patient.BlockSize, 2 * patient.BlockSize);
        await writer.CompleteAsync(default);
        var read = new byte[bytes.Length];
        for (var offset = 0L; offset < writer.Length; offset += bytes.Length)
        {
            Assert.Equal(bytes.Length, await store.ReadAsync(study, writer.Segment, offset, read, default));
            Assert.Equal(bytes, read);
        }
    }

    private async Task<(SegmentId Segment, long Offset)> FlushedAsync(AzureBlobObjectStore store)
    {
        var place = await store.AppendAsync(study, new byte[100], default);
        await store.FlushAsync(study, [place.Segment], default);
        return place;
    }

    private async Task AssertUnavailableAsync(AzureBlobObjectStore store, SegmentId segment, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Impatient.BreakAfter; i++)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await FlushedAsync(store));
        }

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, limit);

        // The circuit is broken now: hundreds of calls take less than one try would.
        clock.Restart();
        for (var i = 0; i < 300; i++)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await store.ReadAsync(study, segment, 0, new byte[100], default));
        }

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, limit);
    }

    private async Task AssertUsedAgainAsync(AzureBlobObjectStore store, SegmentId segment)
    {
        time.Advance(Impatient.BreakTime + TimeSpan.FromSeconds(1));
        Assert.Equal(100, await store.ReadAsync(study, segment, 0, new byte[100], default));
        var (next, offset) = await FlushedAsync(store);
        Assert.Equal(100, await store.ReadAsync(study, next, offset, new byte[100], default));
    }
}
