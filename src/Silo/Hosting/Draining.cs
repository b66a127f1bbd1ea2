namespace SecureStore.Silo.Hosting;

/// <summary>
/// The first thing that happens when the archive stops: it is not ready any more, and for a while goes on serving all the same, so that whoever
/// spreads requests over silos can learn of it. Then the server takes no new request and finishes those it has, viewing sessions
/// end (<see cref="Maintenance"/>), and Orleans hands the grains over.
/// </summary>
internal sealed class Draining(Readiness readiness, TimeSpan delay, TimeProvider time) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Stop();
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
