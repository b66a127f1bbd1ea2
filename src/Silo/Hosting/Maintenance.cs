using SecureStore.Grains.Audit;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// What the archive does of itself: it fills the read model at start, turns epochs on time, sweeps what is due, and ends viewing sessions
/// when it stops.
/// </summary>
internal sealed class Maintenance(
    RetentionSweep sweep, CatalogFollower follower, StudyReader reader, EpochTurns epochs, IAuditLog audit, RetentionOptions retention, TimeProvider time,
    ILogger<Maintenance> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await audit.AppendAsync(
            new AuditEvent { Id = Guid.NewGuid(), Time = time.GetUtcNow(), Action = AuditAction.ApplicationStarted, Actor = "securestore" }, cancellationToken);
        await follower.CatchUpAsync(cancellationToken);
        running = Task.WhenAll(
            RepeatAsync("The retention sweep", () => retention.SweepInterval, SweepAsync),
            RepeatAsync("The turn of the epoch", () => EpochCheck, MaintainVaultAsync));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running, reader.EndAllAsync()).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private static TimeSpan EpochCheck { get; } = TimeSpan.FromMinutes(10);

    private async Task SweepAsync() => await sweep.RunAsync(stopping.Token);

    private async Task MaintainVaultAsync() => await epochs.MaintainAsync(stopping.Token);

    /// <summary>Once at start, then at each interval; a failure is tried again at the next.</summary>
    private async Task RepeatAsync(string name, Func<TimeSpan> interval, Func<Task> act)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await act();
            }
            catch (Exception failure) when (failure is StorageUnavailableException or OrleansException or TimeoutException or VaultException)
            {
                logger.LogError("{Name} failed and will be tried again: {Reason}.", name, failure.GetType().Name);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(interval(), time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
