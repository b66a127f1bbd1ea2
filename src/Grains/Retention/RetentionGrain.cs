using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Grains.Retention;

/// <inheritdoc cref="IRetentionGrain"/>
internal sealed class RetentionGrain(ICatalog catalog, IAuditLog audit, TimeProvider time, ILogger<RetentionGrain> logger)
    : Grain, IRetentionGrain
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        RetentionMetrics.SweepsNoMore();
        return Task.CompletedTask;
    }

    public async Task<SweepResult> RunAsync()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var due = new List<(StudyHandle Study, DateOnly? Day)>();
        await foreach (var row in catalog.DueAsync(today, CancellationToken.None))
        {
            due.Add((row.Study, row.DueDay));
        }

        RetentionMetrics.SweepBegins(time, due.Min(one => one.Day));
        var result = new SweepResult(0, 0, 0);
        DateOnly? oldestLeft = null;
        foreach (var (study, day) in due)
        {
            try
            {
                var decision = await GrainFactory.GetGrain<IStudyGrain>(study.Value).DestroyIfDueAsync();
                result = decision.Verdict == DestroyVerdict.Destroyed
                    ? result with { Destroyed = result.Destroyed + 1 }
                    : result with { Skipped = result.Skipped + 1 };
            }
            catch (Exception failure)
            {
                // The steps are idempotent; the next sweep takes them up again.
                logger.LogError("Study {Study} could not be destroyed: {Reason}.", study, failure.GetType().Name);
                result = result with { Failed = result.Failed + 1 };
                oldestLeft = oldestLeft < (day ?? today) ? oldestLeft : day ?? today;
            }
        }

        RetentionMetrics.SweepEnded(time, oldestLeft, result.Failed);

        if (due.Count > 0)
        {
            await audit.AppendAsync(
                new AuditEvent
                {
                    Id = Guid.NewGuid(),
                    Time = time.GetUtcNow(),
                    Action = AuditAction.RetentionRun,
                    Actor = "retention",
                    Detail = $"destroyed {result.Destroyed}, skipped {result.Skipped}, failed {result.Failed}",
                },
                CancellationToken.None);
        }

        return result;
    }
}
