using System.Diagnostics;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>
/// kill -9 of a silo, at the settings of the product: the others serve its studies within 10 s, and take in more of them. Until they do they
/// say that they may be asked again.
/// </summary>
[Collection(nameof(RunsAlone))]
public class FailoverTests(ITestOutputHelper output)
{
    /// <summary>Stored anew before each kill: of six on three silos, one silo holds at least two.</summary>
    private const int Studies = 6;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Studies_of_a_killed_silo_are_served_and_stored_by_the_others_within_ten_seconds_of_two_kills() => KillAsync(2);

    [Fact]
    [Trait("Long", "yes")]
    public Task Studies_of_a_killed_silo_are_served_and_stored_by_the_others_within_ten_seconds_of_twenty_kills() => KillAsync(20);

    private async Task KillAsync(int kills)
    {
        await using var cluster = await ClusterOfSilos.StartAsync();
        var rounds = new List<(TimeSpan Served, TimeSpan Stored)>();
        while (true)
        {
            var (holder, stored) = await StoreAsync(cluster);
            rounds.Add(await KillAsync(cluster, holder, stored));
            if (rounds.Count == kills)
            {
                break;
            }

            await cluster.RestartAsync(holder);
        }

        output.WriteLine($"Last of {Studies} studies served by both others after a kill: {Summary(rounds.Select(one => one.Served))}");
        output.WriteLine($"Last of {2 * Studies} instances stored by the others after a kill: {Summary(rounds.Select(one => one.Stored))}");
        Assert.All(rounds, one => Assert.InRange(one.Served, TimeSpan.Zero, Limit));
        Assert.All(rounds, one => Assert.InRange(one.Stored, TimeSpan.Zero, Limit));
    }

    /// <summary>Stores studies by way of each silo in turn.</summary>
    /// <returns>The silo that holds the grains of most of them, and what was stored.</returns>
    private static async Task<(int Holder, IReadOnlyList<(TestInstance Instance, byte[] File)> Stored)> StoreAsync(ClusterOfSilos cluster)
    {
        var before = await StudyGrainsAsync(cluster);
        var stored = new List<(TestInstance Instance, byte[] File)>();
        for (var i = 0; i < Studies; i++)
        {
            using var client = await cluster.ClientAsync(i % ClusterOfSilos.Size, "store");
            var instance = new TestInstance { PatientId = Guid.NewGuid().ToString("N"), Seed = i };
            var file = await instance.FileAsync();
            Assert.Equal(200, (await client.StoreAsync(null, file)).Status);
            stored.Add((instance, file));
        }

        // What is scraped may be some hundred milliseconds old.
        using var patience = new CancellationTokenSource(Patience);
        using var pace = new PeriodicTimer(Pace);
        while (true)
        {
            var risen = (await StudyGrainsAsync(cluster)).Zip(before, (now, then) => now - then).ToArray();
            if (risen.Sum() >= Studies)
            {
                return (Array.IndexOf(risen, risen.Max()), stored);
            }

            await pace.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Kills the holder; at once the others are asked for every study, and given one more instance of each and of as many new studies.</summary>
    /// <returns>How long after the kill the last was served, and stored.</returns>
    private static async Task<(TimeSpan Served, TimeSpan Stored)> KillAsync(
        ClusterOfSilos cluster, int holder, IReadOnlyList<(TestInstance Instance, byte[] File)> known)
    {
        var others = Enumerable.Range(0, ClusterOfSilos.Size).Where(silo => silo != holder).ToArray();
        using var one = await cluster.ClientAsync(others[0]);
        using var two = await cluster.ClientAsync(others[1]);
        var more = new List<(TestInstance Instance, byte[] File)>();
        foreach (var (instance, _) in known)
        {
            foreach (var next in new[] { instance with { Instance = DicomUID.New() }, new TestInstance { PatientId = Guid.NewGuid().ToString("N") } })
            {
                more.Add((next, await next.FileAsync()));
            }
        }

        var killed = Stopwatch.GetTimestamp();
        await cluster.Silos[holder].KillAsync();
        var serving = known.SelectMany(_ => new[] { one, two }, (study, client) => FetchAsync(client, study.Instance, study.File)).ToList();
        var storing = more.Select((study, i) => Repeated.StoreAsync(i / 2 % 2 == 0 ? one : two, study.File)).ToList();
        var served = (await Task.WhenAll(serving)).Max();
        var stored = (await Task.WhenAll(storing)).Max(answer => answer.Answered);
        foreach (var (instance, file) in more)
        {
            await FetchAsync(one, instance, file);
            await FetchAsync(two, instance, file);
        }

        return (Stopwatch.GetElapsedTime(killed, served), Stopwatch.GetElapsedTime(killed, stored));
    }

    private static async Task<long> FetchAsync(ArchiveClient client, TestInstance instance, byte[] file)
    {
        var (body, answered) = await Repeated.FetchAsync(client, instance);
        Assert.Equal(file, body);
        return answered;
    }

    /// <summary>How many studies each silo holds.</summary>
    private static Task<double[]> StudyGrainsAsync(ClusterOfSilos cluster) => Task.WhenAll(
        cluster.Silos.Select(async silo => MetricsTests.Value(await MetricsTests.ScrapeAsync(silo), "orleans_catalog_activations", "grain_type=\"study\"")));

    private static string Summary(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToArray();
        return $"min {sorted[0]:F2} s, median {sorted[sorted.Length / 2]:F2} s, p99 {sorted[(int)Math.Ceiling(0.99 * sorted.Length) - 1]:F2} s ({sorted.Length} kills)";
    }
}
