using Microsoft.Extensions.Logging;
using SecureStore.Grains.Cluster;

namespace SecureStore.Grains.Retention;

/// <summary>
/// Has the archive swept. Every silo asks on its schedule: who asks while a sweep runs joins it, so there is one at a time. Where the sweep's
/// silo dies under it, whoever waits for it asks again, and another silo goes on with what is left.
/// </summary>
public sealed class RetentionSweep(IGrainFactory grains, TimeProvider time, ILogger<RetentionSweep> logger)
{
    private const int Attempts = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <exception cref="OrleansException">No silo has finished it.</exception>
    /// <exception cref="Storage.StorageUnavailableException">The catalog or the audit log is away.</exception>
    public async Task<SweepResult> RunAsync(CancellationToken cancellation)
    {
        var sweep = Guid.Empty;
        for (var attempt = 1; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var progress = await grains.GetGrain<IRetentionGrain>(0).FollowAsync(sweep);
                if (progress.Result is { } result)
                {
                    return result;
                }

                (sweep, attempt) = (progress.Sweep, 0);
            }
            catch (Exception failure) when (UnansweredCall.Is(failure) && attempt < Attempts)
            {
                sweep = Guid.Empty;
                logger.LogWarning("The sweep broke off ({Reason}) and is taken up again.", failure.GetType().Name);
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }
}
