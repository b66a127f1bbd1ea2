using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// Segments as block blobs of one container, made at the first call where it is missing. Appends of a study on this silo go
/// to its one open segment, whoever stores; a segment that this process did not make is never written.
/// </summary>
public sealed class AzureBlobObjectStore : IObjectStore, IAsyncDisposable
{
    // The service allows 50,000 blocks; with blocks of 4 MiB an object may have 195 GiB.
    private const int MostBlocks = 50_000;

    // A read starts anew where a flush has changed the blob's tag under it, which its bytes do not notice.
    private const int ReadTries = 5;

    private const int DeletesAtOnce = 8;

    private readonly BlobCalls calls;
    private readonly SegmentLimits limits;
    private readonly AzureBlobLimits blobLimits;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ITimer idle;
    private readonly Lock gate = new();
    private readonly Dictionary<StudyHandle, BlobSegment> open = [];

    // Every segment whose bytes may not be durable yet, those whose last flush failed included.
    private readonly ConcurrentDictionary<SegmentId, BlobSegment> unsettled = new();

    /// <exception cref="FormatException">The connection string is none.</exception>
    public AzureBlobObjectStore(
        string connectionString,
        string container,
        TimeProvider time,
        ILogger<AzureBlobObjectStore> logger,
        SegmentLimits? limits = null,
        AzureBlobLimits? blobLimits = null)
        : this(
            new BlobContainerClient(connectionString, container, BlobCalls.Options(blobLimits ?? new AzureBlobLimits())),
            time,
            logger,
            limits ?? new SegmentLimits(),
            blobLimits ?? new AzureBlobLimits())
    {
    }

    internal AzureBlobObjectStore(
        BlobContainerClient container, TimeProvider time, ILogger logger, SegmentLimits limits, AzureBlobLimits blobLimits)
    {
        this.limits = limits;
        this.blobLimits = blobLimits;
        this.time = time;
        this.logger = logger;
        calls = new BlobCalls(container, blobLimits, time);
        idle = time.CreateTimer(_ => CloseIdle(), null, limits.Idle, limits.Idle);
    }

    public async ValueTask<(SegmentId Segment, long Offset)> AppendAsync(
        StudyHandle study, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (true)
        {
            var segment = OpenSegment(study);
            if (segment.Append(sealedBytes.Span) is not { } offset)
            {
                Retire(segment);
                continue;
            }

            if (offset + sealedBytes.Length >= limits.Size)
                Retire(segment);
            await segment.KeepUpAsync(cancellation).ConfigureAwait(false);
            return (segment.Segment, offset);
        }
    }

    public ValueTask<ISegmentWriter> CreateSegmentAsync(StudyHandle study, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var segment = Create(study, MostBlocks);
        return new(new BlobSegmentWriter(segment, complete => EndAsync(segment, complete)));
    }

    public async ValueTask FlushAsync(
        StudyHandle study, IReadOnlyCollection<SegmentId> segments, CancellationToken cancellation) =>
        await Task.WhenAll(segments.Select(segment => FlushAsync(study, segment, cancellation))).WaitAsync(cancellation).ConfigureAwait(false);

    public ValueTask<int> ReadAsync(
        StudyHandle study, SegmentId segment, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var blob = calls.Blob(BlobLayout.Name(study, segment));
        return calls.RunAsync(token => OrMissingAsync(segment, ReadAsync(blob, offset, buffer, token)), cancellation);
    }

    public async ValueTask DeleteStudyAsync(StudyHandle study, CancellationToken cancellation)
    {
        List<BlobSegment> written;
        lock (gate)
        {
            open.Remove(study);
            written = [.. unsettled.Values.Where(segment => segment.Study == study)];
            foreach (var segment in written)
                unsettled.TryRemove(segment.Segment, out _);
        }

        await Task.WhenAll(written.Select(segment => segment.AbandonAsync())).WaitAsync(cancellation).ConfigureAwait(false);

        // What the second listing still finds was never committed, or has been since the first by another silo.
        await ForEachBlobAsync(study, BlobStates.None, BlobSegment.DeleteAsync, cancellation).ConfigureAwait(false);
        await ForEachBlobAsync(study, BlobStates.Uncommitted, BlobSegment.RemoveAsync, cancellation).ConfigureAwait(false);
    }

    public async ValueTask DeleteSegmentAsync(StudyHandle study, SegmentId segment, CancellationToken cancellation)
    {
        BlobSegment? written;
        lock (gate)
        {
            if (open.TryGetValue(study, out var last) && last.Segment == segment)
                open.Remove(study);
            unsettled.TryRemove(segment, out written);
        }

        if (written is not null)
        {
            await written.AbandonAsync().WaitAsync(cancellation).ConfigureAwait(false);
            await written.RemoveAsync().WaitAsync(cancellation).ConfigureAwait(false);
            return;
        }

        await BlobSegment.DeleteAsync(calls, calls.Blob(BlobLayout.Name(study, segment)), cancellation).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<StudyHandle> ListStudiesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var shelf in BlobLayout.Shelves)
        {
            var options = new GetBlobsByHierarchyOptions { Prefix = shelf, Delimiter = BlobLayout.Delimiter };
            await foreach (var item in calls.ListAsync((container, token) => container.GetBlobsByHierarchyAsync(options, token), cancellation)
                .ConfigureAwait(false))
            {
                if (item.IsPrefix && BlobLayout.StudyOf(item.Prefix) is { } study)
                    yield return study;
            }
        }
    }

    public async IAsyncEnumerable<(SegmentId Segment, long Length, DateTimeOffset Written)> ListSegmentsAsync(
        StudyHandle study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var options = new GetBlobsOptions { Prefix = BlobLayout.Prefix(study) };
        await foreach (var blob in calls.ListAsync((container, token) => container.GetBlobsAsync(options, token), cancellation)
            .ConfigureAwait(false))
        {
            if (BlobLayout.SegmentOf(blob.Name) is { } segment)
                yield return (segment, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? time.GetUtcNow());
        }
    }

    /// <summary>Makes what is open durable and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await idle.DisposeAsync().ConfigureAwait(false);
        lock (gate)
            open.Clear();
        await Task.WhenAll(unsettled.Values.Select(CloseAsync)).ConfigureAwait(false);
        calls.Dispose();
    }

    private BlobSegment OpenSegment(StudyHandle study)
    {
        lock (gate)
        {
            if (!open.TryGetValue(study, out var segment))
            {
                if (open.Count >= limits.Writers)
                    Retire(open.Values.MinBy(other => other.LastUsed)!);
                open[study] = segment = Create(study, blobLimits.Blocks);
            }

            segment.LastUsed = time.GetTimestamp();
            return segment;
        }
    }

    private BlobSegment Create(StudyHandle study, int capacity)
    {
        var segment = new BlobSegment(calls, study, capacity);
        unsettled[segment.Segment] = segment;
        return segment;
    }

    private void CloseIdle()
    {
        List<BlobSegment> unused;
        lock (gate)
            unused = [.. open.Values.Where(segment => time.GetElapsedTime(segment.LastUsed) >= limits.Idle)];
        foreach (var segment in unused)
            Retire(segment);
    }

    private void Retire(BlobSegment segment)
    {
        lock (gate)
        {
            if (open.GetValueOrDefault(segment.Study) == segment)
                open.Remove(segment.Study);
        }

        _ = CloseAsync(segment);
    }

    private async Task CloseAsync(BlobSegment segment)
    {
        try
        {
            await segment.CloseAsync().ConfigureAwait(false);
            unsettled.TryRemove(segment.Segment, out _);
        }
        catch (ObjectMissingException)
        {
            unsettled.TryRemove(segment.Segment, out _);
        }
        catch (StorageUnavailableException e)
        {
            // It stays among the unsettled, so that whoever still waits for these bytes hears of it.
            logger.LogError(e, "Segment {Segment} could not be made durable.", segment.Segment);
        }
    }

    private async Task EndAsync(BlobSegment segment, bool complete)
    {
        if (!complete)
        {
            await segment.AbandonAsync().ConfigureAwait(false);
            try
            {
                await segment.RemoveAsync().ConfigureAwait(false);
            }
            catch (StorageUnavailableException e)
            {
                // Nothing points to it; what was never committed the service throws away by itself after a week.
                logger.LogWarning(e, "Segment {Segment} was not completed and could not be removed.", segment.Segment);
            }
        }

        unsettled.TryRemove(segment.Segment, out _);
    }

    private Task ForEachBlobAsync(
        StudyHandle study, BlobStates states, Func<BlobCalls, BlockBlobClient, CancellationToken, ValueTask> work, CancellationToken cancellation)
    {
        var options = new GetBlobsOptions { Prefix = BlobLayout.Prefix(study), States = states };
        return Parallel.ForEachAsync(
            calls.ListAsync((container, token) => container.GetBlobsAsync(options, token), cancellation),
            new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellation },
            (blob, token) => work(calls, calls.Blob(blob.Name), token));
    }

    private async Task FlushAsync(StudyHandle study, SegmentId segment, CancellationToken cancellation)
    {
        if (unsettled.TryGetValue(segment, out var written) && written.Study == study)
        {
            await written.FlushAsync().ConfigureAwait(false);
            return;
        }

        // A closed segment is durable as long as it is there.
        var blob = calls.Blob(BlobLayout.Name(study, segment));
        await calls.RunAsync(token => OrMissingAsync(segment, ExistsAsync(blob, token)), cancellation).ConfigureAwait(false);
    }

    private static async ValueTask<int> ReadAsync(BlockBlobClient blob, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (buffer.IsEmpty)
            return await ExistsAsync(blob, cancellation).ConfigureAwait(false);
        var total = 0;
        for (var tries = 1; ; tries++)
        {
            try
            {
                var options = new BlobDownloadOptions { Range = new HttpRange(offset + total, buffer.Length - total) };
                var answer = await blob.DownloadStreamingAsync(options, cancellation).ConfigureAwait(false);
                var content = answer.Value.Content;
                await using (content.ConfigureAwait(false))
                {
                    while (total < buffer.Length
                        && await content.ReadAsync(buffer[total..], cancellation).ConfigureAwait(false) is > 0 and var read)
                        total += read;
                    return total;
                }
            }
            catch (RequestFailedException e) when (BlobFaults.IsBehindEnd(e))
            {
                return total;
            }
            catch (RequestFailedException e) when (BlobFaults.IsConflict(e) && tries < ReadTries)
            {
            }
        }
    }

    private static async ValueTask<int> ExistsAsync(BlockBlobClient blob, CancellationToken cancellation)
    {
        await blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false);
        return 0;
    }

    private static async ValueTask<T> OrMissingAsync<T>(SegmentId segment, ValueTask<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (BlobFaults.IsMissing(e))
        {
            throw new ObjectMissingException(segment);
        }
    }
}
