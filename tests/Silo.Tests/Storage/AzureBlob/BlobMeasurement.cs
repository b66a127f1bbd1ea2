using System.Diagnostics;
using Azure.Storage.Blobs.Specialized;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

/// <summary>Run by name: <c>-explicit only -class '*BlobMeasurement' -showLiveOutput</c>, built for release.</summary>
[Trait("Server", "yes")]
public sealed class BlobMeasurement(SharedAzurite azurite, ITestOutputHelper output)
{
    private const int Flushes = 512;
    private const int Size = 512 << 10;

    private readonly byte[] bytes = new byte[Size];

    [Fact(Explicit = true)]
    public async Task Three_ways_to_make_512_flushes_of_512_KiB_durable()
    {
        var container = new TestContainer(await azurite.GetAsync()).Bare;
        await container.CreateAsync();
        var blocks = container.GetBlockBlobClient("blocks");
        var list = new List<string>();
        await MeasureAsync("block list committed again", async i =>
        {
            var name = Convert.ToBase64String(BitConverter.GetBytes(i));
            await blocks.StageBlockAsync(name, new MemoryStream(bytes));
            list.Add(name);
            await blocks.CommitBlockListAsync(list);
        });
        await MeasureAsync("one blob a flush", i => container.GetBlockBlobClient($"single/{i}").UploadAsync(new MemoryStream(bytes)));
        var append = container.GetAppendBlobClient("append");
        await append.CreateAsync();
        await MeasureAsync("append blob", _ => append.AppendBlockAsync(new MemoryStream(bytes)));
    }

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(16)]
    public async Task Senders_of_one_study_share_requests(int senders)
    {
        var requests = 0;
        var network = new LossyNetwork
        {
            LosesRequest = _ =>
            {
                Interlocked.Increment(ref requests);
                return false;
            },
        };
        await using var store = new TestContainer(await azurite.GetAsync()).Open(TimeProvider.System, network, new AzureBlobLimits());
        var study = StudyHandle.New();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Flushes / senders; i++)
            {
                var (segment, _) = await store.AppendAsync(study, bytes, default);
                await store.FlushAsync(study, [segment], default);
            }
        })));
        output.WriteLine(
            $"{senders} senders: {(double)requests / Flushes:0.00} requests an image, {Flushes / clock.Elapsed.TotalSeconds:0} images/s");
    }

    private async Task MeasureAsync(string name, Func<int, Task> flush)
    {
        var times = new double[Flushes];
        for (var i = 0; i < Flushes; i++)
        {
            var clock = Stopwatch.StartNew();
            await flush(i);
            times[i] = clock.Elapsed.TotalMilliseconds;
        }

        output.WriteLine($"{name,-27} median of the first 64: {Median(times[..64]):0.0} ms, of the last 64: {Median(times[^64..]):0.0} ms");
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);
}
