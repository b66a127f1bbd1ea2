namespace SecureStore.Bench.Cluster;

/// <summary>
/// One, two and three silos on one machine, on the same PostgreSQL and Azurite, in turns: what it costs to share the work out. More machines
/// would bring more processors; here there are as many for three silos as for one.
/// </summary>
internal static class ClusterBenchmark
{
    private const int MostSilos = 3;

    /// <summary>Each silo compiles for itself, and each of three sees a third of the requests.</summary>
    private const int WarmUpRounds = 4;

    /// <summary>Who send at the same time, however many silos there are.</summary>
    public const int Senders = 6;

    public static async Task RunAsync(BenchOptions options, FigureTable table)
    {
        await using var backends = await Backends.StartAsync();
        var clusters = new List<MeasuredCluster>();
        try
        {
            for (var size = 1; size <= MostSilos; size++)
            {
                clusters.Add(await MeasuredCluster.StartAsync(backends, options.Folder, size));
            }

            await ClusterStoreBenchmark.RunAsync(options, table, backends, clusters[0], clusters[^1]);
            await GrainCallBenchmark.RunAsync(options, table, clusters);
        }
        finally
        {
            foreach (var cluster in clusters)
            {
                await cluster.DisposeAsync();
            }
        }
    }

    /// <summary>All clusters in turn, again and again; who goes first changes from round to round.</summary>
    /// <returns>The figures of each cluster's rounds, without those that warm.</returns>
    public static async Task<List<T>[]> RoundsAsync<T>(BenchOptions options, List<MeasuredCluster> clusters, Func<MeasuredCluster, Task<T>> work)
    {
        List<T>[] figures = [.. clusters.Select(_ => new List<T>())];
        for (var round = 1 - WarmUpRounds; round <= options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"{(round > 0 ? "round" : "warming")} {round}");
            for (var i = 0; i < clusters.Count; i++)
            {
                var which = (i + round + WarmUpRounds) % clusters.Count;
                var figure = await work(clusters[which]);
                if (round > 0)
                {
                    figures[which].Add(figure);
                }
            }
        }

        return figures;
    }
}
