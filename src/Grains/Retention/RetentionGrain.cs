using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Retention;

/// <inheritdoc cref="IRetentionGrain"/>
[GrainType("retention")]
internal sealed class RetentionGrain(ICatalog catalog, IAuditLog audit, TimeProvider time, ILogger<RetentionGrain> logger)
    : Grain, IRetentionGrain
{
    /// <summary>Studies that are destroyed at once: one that waits for its leases does not hold up the others.</summary>
    private const int AtOnce = 16;

    private Task<SweepResult>? running;

    public Task<SweepResult> RunAsync() => running is { IsCompleted: false } ? running : running = SweepAsync();

    private async Task<SweepResult> SweepAsync()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var due = new Queue<StudyHandle>();
        await foreach (var row in catalog.DueAsync(today, CancellationToken.None))
        {
            due.Enqueue(row.Study);
        }

        if (due.Count == 0)
        {
            return new SweepResult(0, 0, 0);
        }

        var run = Guid.NewGuid();
        await RecordAsync(run, $"begin, due {due.Count}");
        var lanes = await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, due.Count)).Select(_ => WorkAsync(due)));
        var result = lanes.Aggregate((one, other) => new SweepResult(
            one.Destroyed + other.Destroyed, one.Skipped + other.Skipped, one.Failed + other.Failed));
        await RecordAsync(run, $"destroyed {result.Destroyed}, skipped {result.Skipped}, failed {result.Failed}");
        return result;
    }

    private async Task<SweepResult> WorkAsync(Queue<StudyHandle> due)
    {
        var result = new SweepResult(0, 0, 0);
        while (due.TryDequeue(out var study))
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
