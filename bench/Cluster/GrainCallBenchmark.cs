using System.Collections.Concurrent;
using System.Diagnostics;
using SecureStore.Dicom;

namespace SecureStore.Bench.Cluster;

/// <summary>How calls of grains grow with silos: requests that ask a study's owner, each by way of another silo, and what Orleans sends for them.</summary>
internal static class GrainCallBenchmark
{
    private const int Studies = 60;
    private const int CallsACaller = 500;

    public static async Task RunAsync(BenchOptions options, FigureTable table, List<MeasuredCluster> clusters)
    {
        var studies = new Dictionary<MeasuredCluster, string[]>();
        foreach (var cluster in clusters)
        {
            studies.Add(cluster, [.. await Task.WhenAll(Enumerable.Range(0, Studies).Select(_ => SmallStudyAsync(cluster)))]);
        }

        var calls = await ClusterBenchmark.RoundsAsync(options, clusters, async cluster =>
        {
            var (before, start, took) = (await cluster.TrafficAsync(), Stopwatch.GetTimestamp(), new ConcurrentBag<double>());
            await Task.WhenAll(Enumerable.Range(0, ClusterBenchmark.Senders).Select(async caller =>
            {
                var random = new Random(caller);
                for (var call = 0; call < CallsACaller; call++)
                {
                    var asked = Stopwatch.GetTimestamp();
                    await cluster.NextClient().NoCertificateAsync(studies[cluster][random.Next(Studies)]);
                    took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                }
            }));
            var rate = took.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
            var round = new Calls(
                rate, Statistics.Median(took), Statistics.Percentile(took, 99), (await cluster.TrafficAsync()).Since(before, took.Count));
            await Console.Error.WriteLineAsync($"  silos: {cluster.Size}, {round}");
            return round;
        });
        for (var size = 2; size <= clusters.Count; size++)
        {
            Report(table, size, calls[size - 1], calls[0]);
        }
    }

    private static async Task<string> SmallStudyAsync(MeasuredCluster cluster)
    {
        var study = DicomUID.New();
        using var body = new MultipartInstances([await CtInstance.CreateAsync(study, DicomUID.New(), DicomUID.New(), 1, CtInstance.Noise(1))]);
        await cluster.NextClient().StoreAsync(body);
        return study;
    }

    private static void Report(FigureTable table, int size, List<Calls> ours, List<Calls> one)
    {
        Ratio("a second", "0", round => round.Rate);
        Ratio("median (ms)", "0.00", round => round.Median);
        Ratio("p99 (ms)", "0.00", round => round.Percentile99);
        Count("grain calls a request", traffic => traffic.Calls);
        Count("messages within a silo a request", traffic => traffic.Local);
        Count("messages between silos a request", traffic => traffic.Remote);

        void Ratio(string what, string format, Func<Calls, double> figure)
        {
            double[][] both = [[.. ours.Select(figure)], [.. one.Select(figure)]];
            table.Add(
                $"requests that ask a study's grain, {size} silos: {what}", Statistics.Median(both[0]).ToString(format),
                $"one silo {Statistics.Median(both[1]).ToString(format)}", Statistics.MedianRatio(both[0], both[1]), "");
        }

        void Count(string what, Func<GrainTraffic, double> figure) => table.Add(
            $"requests that ask a study's grain, {size} silos: {what}", $"{Statistics.Median(ours.Select(round => figure(round.Traffic))):0.00}",
            $"one silo {Statistics.Median(one.Select(round => figure(round.Traffic))):0.00}");
    }

    /// <param name="Rate">Requests a second.</param>
    /// <param name="Median">Milliseconds.</param>
    /// <param name="Percentile99">Milliseconds.</param>
    /// <param name="Traffic">For each request.</param>
    private sealed record Calls(double Rate, double Median, double Percentile99, GrainTraffic Traffic)
    {
        public override string ToString() =>
            $"{Rate:0} a second, median {Median:0.00} ms, p99 {Percentile99:0.00} ms, a request: {Traffic.Calls:0.00} calls, " +
            $"{Traffic.Local:0.00} messages within a silo, {Traffic.Remote:0.00} between silos";
    }
}
