using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>One check on its way through the archive, phase by phase.</summary>
internal sealed class FsckWalk(
    ICatalog catalog, IObjectStore objects, Vault.Vault vault, IGrainFactory grains, StudyCheck check, StudyRepair repair, RepairLog log,
    FsckRequest request, IntegrityOptions options, TimeProvider time, Func<FsckLine, ValueTask> tell, Func<ValueTask> hold, FsckPosition start,
    ILogger logger)
{
    /// <summary>How often it tells how far it is, renews its turn and keeps its position.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private static readonly DamageKind[] MayStayInPlace =
        [DamageKind.DamagedKey, DamageKind.StudyWithoutKey, DamageKind.DamagedTombstone, DamageKind.DamagedFacts];

    private readonly Quarantine quarantine = new(vault);
    private FsckPosition position = start;
    private long lastTold = time.GetTimestamp();
    private double share;

    public FsckCounts Counts => position.Counts;

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            (FsckPhase Phase, Func<CancellationToken, Task> Walk)[] phases =
            [
                (FsckPhase.Studies, StudiesAsync), (FsckPhase.Objects, ObjectsAsync), (FsckPhase.Keys, KeysAsync),
                (FsckPhase.Patients, PatientsAsync), (FsckPhase.Quarantine, QuarantineAsync),
            ];
            foreach (var (phase, walk) in phases.Where(one => one.Phase >= position.Phase))
            {
                if (position.Phase != phase)
                {
                    position = position with { Phase = phase, After = null };
                    share = 0;
                    await ReportAsync(cancellation);
                }

                await walk(cancellation);
            }
        }
        catch (Exception failure) when (failure is not StorageUnavailableException)
        {
            // Where storage is away, the position is as old as the last report.
            await KeepAsync(CancellationToken.None);
            throw;
        }

        await vault.ChangeNoteAsync(NoteIds.Fsck, static _ => null, CancellationToken.None);
    }

    private async Task StudiesAsync(CancellationToken cancellation)
    {
        await foreach (var row in catalog.ListStudiesAsync(position.Study, cancellation))
        {
            var counts = position.Counts;
            var report = await check.CheckAsync(row, request.Quick, VerifiedAsync, cancellation);
            await SettleAsync(report, cancellation);
            position = position with
            {
                After = row.Study.Value,
                Counts = Counts with { Studies = counts.Studies + 1, Instances = counts.Instances + report.Instances },
            };

            // Handles are random, so the first digits of one say which share of them is behind it.
            share = BinaryPrimitives.ReadUInt64BigEndian(row.Study.Value.ToByteArray(bigEndian: true)) / (double)ulong.MaxValue;
            await TickAsync(cancellation);
        }

        async ValueTask VerifiedAsync(long bytes)
        {
            position = position with { Counts = Counts with { Bytes = Counts.Bytes + bytes } };
            await TickAsync(cancellation);
        }
    }

    /// <summary>Tells what was found of a study, and repairs it.</summary>
    private async ValueTask SettleAsync(StudyReport report, CancellationToken cancellation)
    {
        foreach (var lost in report.Lost)
        {
            await KnownAsync(lost, null);
        }

        var fresh = new StudyReport(report.Row) { StudyInstanceUid = report.StudyInstanceUid };
        foreach (var damage in report.Damages)
        {
            if (!MayStayInPlace.Contains(damage.Kind) || !await IsKnownAsync(report.Row.Study, damage.Kind, cancellation))
            {
                fresh.Add(damage);
            }
        }

        if (fresh.Damages.Count == 0)
        {
            return;
        }

        var outcomes = request.Repair ? await RepairAsync(fresh, cancellation) : null;
        foreach (var (index, damage) in fresh.Damages.Index())
        {
            await FoundAsync(damage, outcomes?[index] ?? (request.Repair ? DamageOutcome.Left : DamageOutcome.Found));
        }
    }

    /// <summary>Null where the study withstands: it is left, and the check goes on with the others.</summary>
    private async ValueTask<IReadOnlyList<DamageOutcome>?> RepairAsync(StudyReport report, CancellationToken cancellation)
    {
        try
        {
            return await repair.RepairAsync(report, cancellation);
        }
        catch (Exception failure) when (failure is VaultIntegrityException or SealedObjectException or ObjectMissingException
            or InvalidOperationException || UnansweredCall.Is(failure))
        {
            logger.LogError("Study {Study} could not be repaired: {Reason}.", report.Row.Study, failure.GetType().Name);
            return null;
        }
    }

    private async Task ObjectsAsync(CancellationToken cancellation)
    {
        await foreach (var study in objects.ListStudiesAsync(cancellation))
        {
            await TickAsync(cancellation);
            var oldest = time.GetUtcNow() - options.OrphanGrace;
            if (await catalog.GetStudyAsync(study, cancellation) is not null
                || await objects.ListSegmentsAsync(study, cancellation).AnyAsync(one => one.Written > oldest, cancellation))
            {
                continue;
            }

            await SettleAsync(new Damage(DamageKind.ObjectsWithoutStudy) { Study = study }, "removed", async () =>
            {
                await objects.DeleteStudyAsync(study, cancellation);
                return true;
            });
        }
    }

    private async Task KeysAsync(CancellationToken cancellation)
    {
        await foreach (var (study, patient) in vault.StudiesWithKeyAsync(cancellation))
        {
            await TickAsync(cancellation);
            if (await catalog.GetStudyAsync(study, cancellation) is not null)
            {
                continue;
            }

            await SettleAsync(new Damage(DamageKind.KeyWithoutStudy) { Study = study, Patient = patient.Value }, "destroyed", async () =>
            {
                await grains.GetGrain<IPatientGrain>(patient.Value).DestroyStudyKeyAsync(study);
                return !await vault.HasStudyKeyAsync(study, cancellation);
            });
        }
    }

    private async Task PatientsAsync(CancellationToken cancellation)
    {
        const int most = 10_000;
        var suspects = new Queue<PatientHandle>();
        await foreach (var patient in vault.PatientsAsync(cancellation))
        {
            await TickAsync(cancellation);
            if (!await vault.HasStudiesAsync(patient, cancellation))
            {
                suspects.Enqueue(patient);
            }

            if (suspects.Count == most)
            {
                await SettleAsync(suspects, cancellation);
            }
        }

        await SettleAsync(suspects, cancellation);
    }

    /// <summary>A patient is there a moment before its first study: only one that still has none is looked at twice.</summary>
    private async ValueTask SettleAsync(Queue<PatientHandle> suspects, CancellationToken cancellation)
    {
        while (suspects.TryDequeue(out var patient))
        {
            if (!await vault.HasStudiesAsync(patient, cancellation))
            {
                await SettleAsync(
                    new Damage(DamageKind.PatientWithoutStudies) { Patient = patient.Value }, "destroyed",
                    () => grains.GetGrain<IPatientGrain>(patient.Value).DestroyUnusedAsync());
            }
        }
    }

    private async Task QuarantineAsync(CancellationToken cancellation)
    {
        await foreach (var (study, entry) in quarantine.AllAsync(cancellation))
        {
            await TickAsync(cancellation);
            if (entry.InPlace && await catalog.GetStudyAsync(study, cancellation) is { } row
                && !(await check.CheckAsync(row, quick: true, static _ => default, cancellation)).Damages.Any(damage => damage.Kind == entry.Kind))
            {
                // Whole again: its key was put back, or the study was destroyed.
                if (request.Repair)
                {
                    await quarantine.ReleaseAsync(study, entry.Kind, cancellation);
                }

                continue;
            }

            await KnownAsync(
                new Damage(entry.Kind) { Study = study, Instance = entry.Instance is { } mac ? new Mac(Convert.FromHexString(mac)) : null }, entry.Since);
        }
    }

    private async ValueTask SettleAsync(Damage damage, string what, Func<Task<bool>> act)
    {
        var outcome = DamageOutcome.Found;
        if (request.Repair)
        {
            await log.RecordAsync(damage, what);
            outcome = await act() ? DamageOutcome.Repaired : DamageOutcome.Left;
        }

        await FoundAsync(damage, outcome);
    }

    private async ValueTask<bool> IsKnownAsync(StudyHandle study, DamageKind kind, CancellationToken cancellation) =>
        (await quarantine.EntriesAsync(study, cancellation)).Any(entry => entry.InPlace && entry.Kind == kind);

    private async ValueTask FoundAsync(Damage damage, DamageOutcome outcome)
    {
        position = position with
        {
            Counts = Counts with
            {
                Findings = Counts.Findings + 1,
                Repaired = Counts.Repaired + (outcome == DamageOutcome.Repaired ? 1 : 0),
                Quarantined = Counts.Quarantined + (outcome == DamageOutcome.Quarantined ? 1 : 0),
            },
        };
        await tell(new FsckLine.Finding(damage, outcome));
    }

    private async ValueTask KnownAsync(Damage damage, DateTimeOffset? since)
    {
        position = position with { Counts = Counts with { Known = Counts.Known + 1 } };
        await tell(new FsckLine.Known(damage, since));
    }

    private async ValueTask TickAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (time.GetElapsedTime(lastTold) >= Period)
        {
            await ReportAsync(cancellation);
        }
    }

    private async ValueTask ReportAsync(CancellationToken cancellation)
    {
        lastTold = time.GetTimestamp();
        await hold();
        await KeepAsync(cancellation);
        await tell(new FsckLine.Progress(position.Phase, share, Counts));
    }

    private ValueTask KeepAsync(CancellationToken cancellation)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(position, IntegrityJson.Default.FsckPosition);
        return vault.ChangeNoteAsync(NoteIds.Fsck, _ => text, cancellation);
    }
}
