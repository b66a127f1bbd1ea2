using System.Text.Json;
using Microsoft.Extensions.Logging;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Removes, as a part of the archive's own work, segments that no record points to and that are older than the grace period. It looks at
/// those studies alone that have a segment which came of age since the last sweep. Whoever comes too early after another sweep does nothing.
/// </summary>
public sealed class OrphanSweep(
    ICatalog catalog, IObjectStore objects, Vault.Vault vault, IGrainFactory grains, IntegrityOptions options, TimeProvider time,
    ILogger<OrphanSweep> logger)
{
    /// <summary>The name under which it acts in the audit log.</summary>
    public const string Actor = "orphan sweep";

    /// <summary>The least time between two sweeps.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(6);

    /// <summary>How far clocks may be apart: theirs who stamped segments, and ours.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private readonly StudyCheck check = new(catalog, objects, vault, options, time);

    /// <returns>How many segments were removed.</returns>
    /// <exception cref="StorageUnavailableException">Storage fails for now; the next sweep looks at the same again.</exception>
    public async ValueTask<int> RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var last = await LastAsync(cancellation);
        if (last is not null && now < last.Begun + Period)
        {
            return 0;
        }

        var (from, to) = (last?.Begun - options.OrphanGrace - Slack, now - options.OrphanGrace);
        var removed = 0;
        await foreach (var study in objects.ListStudiesAsync(cancellation))
        {
            if (await objects.ListSegmentsAsync(study, cancellation).AnyAsync(one => one.Written <= to && !(one.Written < from), cancellation)
                && await catalog.GetStudyAsync(study, cancellation) is { State: StudyState.Active } row)
            {
                removed += await SweepAsync(row, cancellation);
            }
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(new SweepMark(now), IntegrityJson.Default.SweepMark);
        await vault.ChangeNoteAsync(NoteIds.OrphanSweep, _ => text, cancellation);
        return removed;
    }

    private async ValueTask<int> SweepAsync(StudyRow row, CancellationToken cancellation)
    {
        var report = await check.CheckAsync(row, quick: true, static _ => default, cancellation);
        var orphans = report.Damages.Where(damage => damage.Kind == DamageKind.OrphanSegment).Select(damage => damage.Segment!.Value).ToList();
        if (orphans.Count == 0)
        {
            return 0;
        }

        try
        {
            return await grains.GetGrain<IStudyGrain>(row.Study.Value).RemoveOrphansAsync([.. orphans], Actor);
        }
        catch (VaultIntegrityException)
        {
            logger.LogError("Orphans of study {Study} are left: something of it cannot be opened.", row.Study);
            return 0;
        }
    }

    private async ValueTask<SweepMark?> LastAsync(CancellationToken cancellation) =>
        await vault.ReadNoteAsync(NoteIds.OrphanSweep, cancellation) is { } text
            ? JsonSerializer.Deserialize(text, IntegrityJson.Default.SweepMark)
            : null;
}
