namespace SecureStore.EndToEnd.Chaos;

/// <summary>Starts each silo anew when it has ended, whyever, and again where it does not come up: as whoever runs silos does.</summary>
internal sealed class KeptRunning : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ClusterOfSilos cluster;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private int restarts;

    public KeptRunning(ClusterOfSilos cluster)
    {
        this.cluster = cluster;
        running = Task.WhenAll(Enumerable.Range(0, ClusterOfSilos.Size).Select(KeepAsync));
    }

    public int Restarts => restarts;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task KeepAsync(int silo)
    {
        while (true)
        {
            await cluster.Silos[silo].EndedAsync(stop.Token);
            try
            {
                await cluster.RestartAsync(silo);
                Interlocked.Increment(ref restarts);
            }
            catch (InvalidOperationException)
            {
                // It needs a database that is away.
                await Wait.ForAsync(Pause);
            }
        }
    }
}
