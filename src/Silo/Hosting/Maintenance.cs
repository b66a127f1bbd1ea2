using SecureStore.Grains.Audit;
using SecureStore.Grains.Integrity;
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
    RetentionSweep sweep, CatalogFollower follower, StudyReader reader, EpochTurns epochs, IAuditLog audit, LogMarkKeeper marks, OrphanSweep orphans,
    RetentionOptions retention, TimeProvider time, ILogger<Maintenance> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await audit.AppendAsync(
            new AuditEvent { Id = Guid.NewGuid(), Time = time.GetUtcNow(), Action = AuditAction.ApplicationStarted, Actor = "securestore" }, cancellationToken);
        if (await marks.CatchUpAsync(cancellationToken) is > 0 and var replayed)
        {
            logger.LogWarning("{Number} studies that the audit log says were destroyed were there again, and were destroyed again.", replayed);
        }

        await follower.CatchUpAsync(cancellationToken);
        running = Task.WhenAll(
            RepeatAsync("The retention sweep", () => retention.SweepInterval, SweepAsync),
            RepeatAsync("The turn of the epoch", () => EpochCheck, MaintainVaultAsync),
            RepeatAsync("The copy of the audit log's head", () => LogMarkKeeper.Period, KeepMarkAsync),
            RepeatAsync("The sweep of orphans", () => OrphanCheck, SweepOrphansAsync));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running, reader.EndAllAsync()).WaitAsync(cancellationToken);
        try
        {
            await marks.KeepAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is StorageUnavailableException or AuditLogDamagedException)
        {
            logger.LogWarning("The copy of the audit log's head stays as it is: {Reason}.", failure.GetType().Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private static TimeSpan EpochCheck { get; } = TimeSpan.FromMinutes(10);

    private static TimeSpan OrphanCheck { get; } = TimeSpan.FromHours(1);

    private async Task KeepMarkAsync() => await marks.KeepAsync(stopping.Token);

    private async Task SweepOrphansAsync()
    {
        if (await orphans.RunAsync(stopping.Token) is > 0 and var removed)
        {
            logger.LogInformation("{Number} segments that no record points to were removed.", removed);
        }
    }

    private async Task SweepAsync() => await sweep.RunAsync(stopping.Token);

    private async Task MaintainVaultAsync() => await epochs.MaintainAsync(stopping.Token);

    private Task RepeatAsync(string name, Func<TimeSpan> interval, Func<Task> act) => RepeatAsync(name, interval, act, time, logger, stopping.Token);

    /// <summary>Once at start, then at each interval; whatever fails is tried again at the next.</summary>
    internal static async Task RepeatAsync(string name, Func<TimeSpan> interval, Func<Task> act, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await act();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                logger.LogError("{Name} failed and will be tried again: {Reason}.", name, failure.GetType().Name);
            }

            await Task.Delay(interval(), time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
