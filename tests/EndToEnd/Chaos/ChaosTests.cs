using System.Diagnostics;
using Orleans.Runtime;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>
/// Three silos, each on a network of its own, under load from callers of every kind, while silos are killed, stand still and lose one another
/// and the database and the blob store fail under them. Nothing that was acknowledged is lost, nothing that was destroyed comes back, no study
/// has two owners that commit, and the audit log tells all of it.
/// </summary>
[Collection(nameof(RunsAlone))]
public class ChaosTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Healing = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public Task What_was_acknowledged_holds_after_two_minutes_of_faults() => RunAsync(TimeSpan.FromMinutes(2), seed: 41);

    [Fact]
    [Trait("Long", "yes")]
    public Task What_was_acknowledged_holds_after_ten_minutes_of_faults() => RunAsync(TimeSpan.FromMinutes(10), seed: 43);

    private async Task RunAsync(TimeSpan duration, int seed)
    {
        var begun = Stopwatch.GetTimestamp();
        await using var network = await SiloNetwork.TryMakeAsync(ClusterOfSilos.Size);
        Assert.SkipWhen(network is null, "Network namespaces can be made by root alone.");
        await using var cluster = await ClusterOfSilos.StartAsync(network);
        await CommitHistory.KeepAsync(cluster);
        await LogHistory.KeepAsync(cluster);
        using var first = await cluster.ClientAsync(0);
        var token = await first.TokenAsync("store,search,read,destroy,administer,audit");
        var acknowledged = new Acknowledged();
        var load = new MixedLoad(cluster, token, acknowledged, seed);
        var faults = new Faults(cluster, network, seed, duration, output.WriteLine);
        await using var kept = new KeptRunning(cluster);

        using (var stop = new CancellationTokenSource())
        {
            var loaded = load.RunAsync(stop.Token);
            try
            {
                await faults.RunAsync();
            }
            finally
            {
                await stop.CancelAsync();
                await loaded;
            }
        }

        Assert.Null(await Wait.UntilAsync(Healing, () => MissingAsync(cluster)));
        output.WriteLine($"Whole again after {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s in all");
        var clients = load.Clients(Patience, askAgain: true);
        await new Inspection(acknowledged, clients).RunAsync();
        var commits = await CommitHistory.CheckAsync(cluster, acknowledged.Wrong);
        var (entries, heads) = await LogHistory.CheckAsync(cluster, acknowledged.Wrong);
        Array.ForEach(clients, client => client.Dispose());
        output.WriteLine($"Checked after {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s in all");

        output.WriteLine($"Faults: {string.Join(", ", faults.Done.CountBy(kind => kind))}; silos started again {kept.Restarts} times.");
        output.WriteLine($"Requests: {string.Join(", ", acknowledged.Counts.OrderBy(count => count.Key))}.");
        output.WriteLine($"{acknowledged.Kept.Sum(study => study.Instances.Count)} instances of {acknowledged.Kept.Count()} studies kept, {acknowledged.Doomed.Count()} studies destroyed.");
        output.WriteLine($"{commits.Commits} writes, {commits.Claims} claims, {commits.Moves} of them from another process; {entries} entries and {heads} heads of the log.");
        Assert.True(acknowledged.Wrongs.Count == 0, $"{acknowledged.Wrongs.Count} wrongs:\n{string.Join('\n', acknowledged.Wrongs.Take(40))}");
        Assert.Equal(Enum.GetValues<Fault>(), faults.Done.Distinct().Order());
        Assert.All(["stored", "read", "searched", "destroyed", "503", "no answer"], what => Assert.True(acknowledged.Counts.ContainsKey(what), what));
        Assert.True(commits.Moves > 0, "No study went from one process to another.");
    }

    private static async Task<string?> MissingAsync(ClusterOfSilos cluster) => await Wait.ForReadinessAsync(cluster)
        ?? ((await cluster.MembersAsync()).Count(member => member == SiloStatus.Active) == ClusterOfSilos.Size ? null : "Not all silos are active.");
}
