using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// Calls to one container. A passing fault is tried again by the client library, each call has an end, and while the
/// service is away a circuit breaker refuses calls at once.
/// </summary>
internal sealed class BlobCalls : IDisposable
{
    // One that both the service and Azurite speak.
    private const BlobClientOptions.ServiceVersion Version = BlobClientOptions.ServiceVersion.V2025_05_05;

    private readonly BlobContainerClient container;
    private readonly AzureBlobLimits limits;
    private readonly ResiliencePipeline pipeline;
    private readonly SemaphoreSlim sending;
    private long held;
    private volatile bool isContainerThere;

    public BlobCalls(BlobContainerClient container, AzureBlobLimits limits, TimeProvider time)
    {
        this.container = container;
        this.limits = limits;
        sending = new SemaphoreSlim(limits.Sending);
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = limits.BreakAfter,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = limits.BreakTime,
                ShouldHandle = call =>
                    new(BlobFaults.IsOutage(call.Outcome.Exception, call.Context.CancellationToken)),
            }.Observed("objects"))
            .AddTimeout(new TimeoutStrategyOptions { Timeout = limits.CallTime })
            .Build();
    }

    /// <summary>The client library's options for these limits.</summary>
    public static BlobClientOptions Options(AzureBlobLimits limits) => new(Version)
    {
        Retry =
        {
            Mode = RetryMode.Exponential,
            MaxRetries = limits.Retries,
            Delay = limits.RetryDelay,
            MaxDelay = limits.TryTime,
            NetworkTimeout = limits.TryTime,
        },
    };

    /// <summary>Bytes of a full block.</summary>
    public int BlockSize => limits.BlockSize;

    /// <summary>True while the segments hold more in memory than they may.</summary>
    public bool HoldsTooMuch => Interlocked.Read(ref held) > limits.Held;

    /// <summary>Counts bytes that a segment holds in memory, or that it holds no longer.</summary>
    public void Hold(int bytes) => Interlocked.Add(ref held, bytes);

    public BlockBlobClient Blob(string name) => container.GetBlockBlobClient(name);

    /// <summary>Does one call.</summary>
    /// <exception cref="Grains.Storage.StorageUnavailableException">It was not done, or it is not known whether it was.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.ExecuteAsync(
                async token =>
                {
                    await MakeContainerAsync(token).ConfigureAwait(false);
                    return await call(token).ConfigureAwait(false);
                },
                cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (BlobFaults.MayPass(e, cancellation))
        {
            throw StorageFaults.Unavailable(e);
        }
    }

    /// <summary>Stages one block. The memory is the caller's again when this ends, however it ends.</summary>
    /// <exception cref="Grains.Storage.StorageUnavailableException">It may be staged or not.</exception>
    public async ValueTask StageAsync(BlockBlobClient blob, string block, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (!await sending.WaitAsync(limits.CallTime, cancellation).ConfigureAwait(false))
            throw StorageFaults.Unavailable(new TimeoutException("Too many blocks are on their way."));
        try
        {
            using var borrowed = new BorrowedBytes(bytes);
            await RunAsync(
                async token => (await blob.StageBlockAsync(block, borrowed, cancellationToken: token).ConfigureAwait(false)).Value,
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Lists page by page, each a call of its own.</summary>
    public async IAsyncEnumerable<T> ListAsync<T>(
        Func<BlobContainerClient, CancellationToken, AsyncPageable<T>> list, [EnumeratorCancellation] CancellationToken cancellation)
        where T : notnull
    {
        string? next = null;
        do
        {
            var page = await RunAsync(
                async token =>
                {
                    var pages = list(container, token).AsPages(next).GetAsyncEnumerator(token);
                    await using (pages.ConfigureAwait(false))
                        return await pages.MoveNextAsync().ConfigureAwait(false) ? pages.Current : null;
                },
                cancellation).ConfigureAwait(false);
            foreach (var item in page?.Values ?? [])
                yield return item;
            next = page?.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    public void Dispose() => sending.Dispose();

    private async ValueTask MakeContainerAsync(CancellationToken cancellation)
    {
        if (isContainerThere)
            return;
        try
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 403)
        {
            // The account's administrator made it, and lets this process only use it: the call itself will tell.
        }

        isContainerThere = true;
    }
}
