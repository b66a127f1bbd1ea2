using System.Diagnostics;
using SecureStore.Dicom;

namespace SecureStore.Bench.Cluster;

/// <summary>STOW-RS by three silos beside one: senders with a study of their own, each request to another silo.</summary>
internal static class ClusterStoreBenchmark
{
    private const int RequestsASender = 2;

    public static async Task RunAsync(BenchOptions options, FigureTable table, Backends backends, MeasuredCluster one, MeasuredCluster three)
    {
        byte[][] pixels = [.. Enumerable.Range(0, ArchiveBenchmark.SlicesARequest).AsParallel().AsOrdered().Select(CtInstance.Noise)];
        var rates = await ClusterBenchmark.RoundsAsync(options, [three, one], async cluster =>
        {
            var senders = new List<List<CtInstance>[]>();
            for (var sender = 0; sender < ClusterBenchmark.Senders; sender++)
            {
                var study = DicomUID.New();
                senders.Add(await Task.WhenAll(Enumerable.Range(0, RequestsASender).Select(_ => RequestAsync(study, pixels))));
            }

            var bytes = senders.Sum(requests => requests.Sum(request => request.Sum(instance => instance.Length)));
            var before = ProcessorTime.Now(backends, cluster);
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(senders.Select(async requests =>
            {
                foreach (var request in requests)
                {
                    using var body = new MultipartInstances(request);
                    await cluster.NextClient().StoreAsync(body);
                }
            }));
            var rate = bytes / (double)(1 << 20) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            await Console.Error.WriteLineAsync($"  silos: {cluster.Size}, {rate:0.0} MiB/s, {ProcessorTime.Now(backends, cluster).Since(before)}");
            return rate;
        });
        table.Add(
            $"STOW-RS of CT slices, {ArchiveBenchmark.SlicesARequest} a request, {ClusterBenchmark.Senders} senders, by {three.Size} silos (MiB/s)",
            $"{Statistics.Median(rates[0]):0.0}", $"one silo {Statistics.Median(rates[1]):0.0}", Statistics.MedianRatio(rates[0], rates[1]), "≥ 0.80");
    }

    private static async Task<List<CtInstance>> RequestAsync(string study, byte[][] pixels)
    {
        var series = DicomUID.New();
        var request = new List<CtInstance>();
        foreach (var (i, slice) in pixels.Index())
        {
            request.Add(await CtInstance.CreateAsync(study, series, $"{series}.{i + 1}", i + 1, slice));
        }

        return request;
    }
}
