using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Grains.Retention;

/// <inheritdoc cref="IRetentionGrain"/>
[GrainType("retention")]
internal sealed class RetentionGrain(ICatalog catalog, IAuditLog audit, TimeProvider time, ILogger<RetentionGrain> logger)
    : Grain, IRetentionGrain
{
    /// <summary>Studies that are destroyed at once: one that waits for its leases does not hold up the others.</summary>
    private const int AtOnce = 16;

    /// <summary>How long who follows a sweep is kept waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Guid latest;
    private Task<SweepResult>? sweeping;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        RetentionMetrics.SweepsNoMore();
        return Task.CompletedTask;
    }

    public Task<SweepResult> RunAsync() => Join(Guid.Empty);

    public async Task<SweepProgress> FollowAsync(Guid sweep)
    {
        var result = Join(sweep);
        var joined = latest;
        await ((Task)result).WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return new SweepProgress(joined, result.IsCompleted ? await result : null);
    }

    /// <summary>The sweep that runs, or that was asked for; where there is none, a new one.</summary>
    private Task<SweepResult> Join(Guid sweep)
    {
        if (sweeping is null || (sweeping.IsCompleted && sweep != latest))
        {
            latest = Guid.NewGuid();
            sweeping = SweepAsync(latest);
        }

        return sweeping;
    }

    private async Task<SweepResult> SweepAsync(Guid run)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var due = new Queue<(StudyHandle Study, DateOnly Day)>();
        await foreach (var row in catalog.DueAsync(today, CancellationToken.None))
        {
            due.Enqueue((row.Study, row.DueDay ?? today));
        }

        RetentionMetrics.SweepBegins(time, due.Count == 0 ? null : due.Min(one => one.Day));
        if (due.Count == 0)
        {
            RetentionMetrics.SweepEnded(time, null, 0);
            return new SweepResult(0, 0, 0);
        }

        var left = new List<DateOnly>();
        await RecordAsync(run, $"begin, due {due.Count}");
        var lanes = await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, due.Count)).Select(_ => WorkAsync(due, left)));
        var result = lanes.Aggregate((one, other) => new SweepResult(
            one.Destroyed + other.Destroyed, one.Skipped + other.Skipped, one.Failed + other.Failed));
        RetentionMetrics.SweepEnded(time, left.Count == 0 ? null : left.Min(), result.Failed);
        await RecordAsync(run, $"destroyed {result.Destroyed}, skipped {result.Skipped}, failed {result.Failed}");
        return result;
    }

    /// <param name="due">What is to be done, by whichever lane comes first.</param>
    /// <param name="left">Gets the days of the studies that could not be destroyed.</param>
    private async Task<SweepResult> WorkAsync(Queue<(StudyHandle Study, DateOnly Day)> due, List<DateOnly> left)
    {
        var result = new SweepResult(0, 0, 0);
        while (due.TryDequeue(out var one))
        {
            try
            {
                var decision = await GrainFactory.GetGrain<IStudyGrain>(one.Study.Value).DestroyIfDueAsync();
                result = decision.Verdict == DestroyVerdict.Destroyed
                    ? result with { Destroyed = result.Destroyed + 1 }
                    : result with { Skipped = result.Skipped + 1 };
            }
            catch (Exception failure)
            {
                // The steps are idempotent; the next sweep takes them up again.
                logger.LogError("Study {Study} could not be destroyed: {Reason}.", one.Study, failure.GetType().Name);
                result = result with { Failed = result.Failed + 1 };
                left.Add(one.Day);
            }
        }

        return result;
    }

    private async Task RecordAsync(Guid run, string detail) => await audit.AppendAsync(
        new AuditEvent
        {
            Id = Guid.NewGuid(), Time = time.GetUtcNow(), Action = AuditAction.RetentionRun, Actor = "retention", Session = run, Detail = detail,
        },
        CancellationToken.None);
}
