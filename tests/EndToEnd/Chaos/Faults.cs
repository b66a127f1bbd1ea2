using System.Collections.Concurrent;
using System.Diagnostics;

namespace SecureStore.EndToEnd.Chaos;

internal enum Fault
{
    KillSilo,
    PauseSilo,
    PartSilo,
    UnplugSilo,
    KillDatabase,
    PauseBlobStore,
    CutOffBlobStore,
    StopBlobStore,
}

/// <summary>
/// Faults of silos and, at the same time, faults of the servers under them. Each kind of either comes once in a round, in an order that the
/// seed shuffles, until the time is over and every kind has come. In the end everything is whole.
/// </summary>
internal sealed class Faults(ClusterOfSilos cluster, SiloNetwork network, int seed, TimeSpan duration, Action<string> log)
{
    /// <summary>Longer than it takes until the others declare a silo dead that says nothing (docs/decisions/0011-failure-detection.md).</summary>
    private static readonly TimeSpan LongerThanDetection = TimeSpan.FromSeconds(14);

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<Fault> done = new();
    private readonly long begun = Stopwatch.GetTimestamp();

    public IReadOnlyCollection<Fault> Done => done;

    public Task RunAsync() => Task.WhenAll(
        RoundsAsync(new Random(seed), [Fault.KillSilo, Fault.PauseSilo, Fault.PartSilo, Fault.UnplugSilo], SiloAsync),
        RoundsAsync(new Random(seed + 1), [Fault.KillDatabase, Fault.PauseBlobStore, Fault.CutOffBlobStore, Fault.StopBlobStore], ServerAsync));

    private async Task RoundsAsync(Random random, Fault[] kinds, Func<Fault, Random, Task> doAsync)
    {
        for (var first = true; first || Stopwatch.GetElapsedTime(begun) < duration; first = false)
        {
            random.Shuffle(kinds);
            foreach (var kind in kinds)
            {
                if (!first && Stopwatch.GetElapsedTime(begun) >= duration)
                {
                    break;
                }

                await Wait.ForAsync(TimeSpan.FromSeconds(2 + random.NextDouble() * 3));
                await doAsync(kind, random);
                done.Enqueue(kind);
            }
        }
    }

    private async Task SiloAsync(Fault kind, Random random)
    {
        var number = await AnyThatRunsAsync(random);
        int[] others = [.. Enumerable.Range(0, ClusterOfSilos.Size).Where(other => other != number)];
        Log($"{kind} {number}");
        switch (kind)
        {
            case Fault.KillSilo:
                await cluster.Silos[number].KillAsync();
                break;
            case Fault.PauseSilo:
                var paused = cluster.Silos[number];
                paused.Pause();
                await Wait.ForAsync(LongerThanDetection);
                paused.Resume();
                break;
            case Fault.PartSilo:
                await Task.WhenAll(others.Select(other => network.PartAsync(number, other)));
                await Wait.ForAsync(LongerThanDetection);
                await Task.WhenAll(others.Select(other => network.JoinAsync(number, other)));
                break;
            default:
                await network.UnplugAsync(number);
                await Wait.ForAsync(LongerThanDetection);
                await network.PlugInAsync(number);
                break;
        }

        Log($"{kind} {number} is over");
        Log(await Wait.UntilAsync(Recovery, () => Wait.ForReadinessAsync(cluster)) ?? "All are ready");
    }

    private async Task<int> AnyThatRunsAsync(Random random)
    {
        while (true)
        {
            var number = random.Next(ClusterOfSilos.Size);
            if (!cluster.Silos[number].HasEnded)
            {
                return number;
            }

            await Wait.ForAsync(TimeSpan.FromSeconds(0.5));
        }
    }

    private async Task ServerAsync(Fault kind, Random random)
    {
        var silos = Enumerable.Range(0, ClusterOfSilos.Size);
        var length = TimeSpan.FromSeconds(2 + random.NextDouble() * 6);
        Log($"{kind} for {length.TotalSeconds:F1} s");
        switch (kind)
        {
            case Fault.KillDatabase:
                await cluster.Postgres.KillAsync();
                await Wait.ForAsync(length);
                await cluster.Postgres.StartAsync();
                break;
            case Fault.PauseBlobStore:
                cluster.Azurite.Pause();
                await Wait.ForAsync(length);
                cluster.Azurite.Resume();
                break;
            case Fault.CutOffBlobStore:
                await Task.WhenAll(silos.Select(network.CutOffBlobStoreAsync));
                await Wait.ForAsync(length);
                await Task.WhenAll(silos.Select(network.JoinBlobStoreAsync));
                break;
            default:
                await cluster.Azurite.StopAsync();
                await Wait.ForAsync(length);
                await cluster.Azurite.StartAgainAsync();
                break;
        }

        Log($"{kind} is over");
    }

    private void Log(string what) => log($"{Stopwatch.GetElapsedTime(begun).TotalSeconds,6:F1} s  {what}");
}
