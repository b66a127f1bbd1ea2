using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging.Abstractions;
using SecureStore.Contracts.Servers;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

/// <summary>A container of a test's own, seen through stores and bare.</summary>
internal sealed class TestContainer(AzuriteServer server)
{
    private readonly string name = "t" + Guid.NewGuid().ToString("N");

    public BlobContainerClient Bare => new(server.ConnectionString, name, BlobCalls.Options(new AzureBlobLimits()));

    public AzureBlobObjectStore Open(TimeProvider time, SegmentLimits? limits = null, AzureBlobLimits? blobLimits = null) =>
        new(server.ConnectionString, name, time, NullLogger<AzureBlobObjectStore>.Instance, limits, blobLimits);

    /// <summary>A store whose requests pass through a network that may lose them.</summary>
    public AzureBlobObjectStore Open(TimeProvider time, LossyNetwork network, AzureBlobLimits blobLimits)
    {
        var options = BlobCalls.Options(blobLimits);
        options.Transport = new HttpClientTransport(network);
        var container = new BlobContainerClient(server.ConnectionString, name, options);
        return new AzureBlobObjectStore(container, time, NullLogger.Instance, new SegmentLimits(), blobLimits);
    }

    /// <summary>Every blob, those never committed too.</summary>
    public async Task<List<string>> BlobsAsync() =>
        await Bare.GetBlobsAsync(new GetBlobsOptions { States = BlobStates.Uncommitted }).Select(blob => blob.Name).ToListAsync();
}
