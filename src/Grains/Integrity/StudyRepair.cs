using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Repairs what a check found of one study: rebuilds what can be rebuilt, finishes destructions, removes orphans, and puts into quarantine
/// what is lost. Each change is in the audit log before it is made. Nothing that is damaged is deleted.
/// </summary>
internal sealed class StudyRepair
{
    private readonly ICatalog catalog;
    private readonly IObjectStore objects;
    private readonly Vault.Vault vault;
    private readonly IGrainFactory grains;
    private readonly RepairLog log;
    private readonly TimeProvider time;
    private readonly Quarantine quarantine;
    private readonly StudyOwner owner;
    private readonly StudyRewrite rewrite;

    public StudyRepair(
        ICatalog catalog, IObjectStore objects, Vault.Vault vault, IGrainFactory grains, RepairLog log, RetentionOptions retention,
        StudyOptions options, TimeProvider time, ILogger logger)
    {
        (this.catalog, this.objects, this.vault, this.grains, this.log, this.time) = (catalog, objects, vault, grains, log, time);
        quarantine = new Quarantine(vault);
        owner = new StudyOwner(catalog, grains, logger);
        rewrite = new StudyRewrite(catalog, objects, vault, owner, log, retention, options, time);
    }

    /// <returns>What became of each damage, in their order.</returns>
    /// <exception cref="StorageUnavailableException">Storage fails for now.</exception>
    public async ValueTask<IReadOnlyList<DamageOutcome>> RepairAsync(StudyReport report, CancellationToken cancellation)
    {
        var outcomes = new Dictionary<Damage, DamageOutcome>();
        foreach (var damage in report.Damages)
        {
            switch (damage.Kind)
            {
                case DamageKind.DamagedKey or DamageKind.StudyWithoutKey or DamageKind.DamagedTombstone:
                    await log.RecordAsync(damage, "left in its place, in quarantine");
                    await quarantine.AddAsync(report.Row.Study, [new QuarantineEntry(damage.Kind, time.GetUtcNow())], cancellation);
                    outcomes[damage] = DamageOutcome.Quarantined;
                    break;
                case DamageKind.UnfinishedDestruction:
                    await log.RecordAsync(damage, "finished");
                    outcomes[damage] = await FinishDestructionAsync(report.Row.Study, cancellation);
                    break;
            }
        }

        Damage[] ofRows = [.. report.Damages.Where(damage => damage.Kind != DamageKind.OrphanSegment && !outcomes.ContainsKey(damage))];
        if (ofRows.Length > 0)
        {
            foreach (var (damage, outcome) in await rewrite.RunAsync(report.Row.Study, ofRows, cancellation))
            {
                outcomes[damage] = outcome;
            }
        }

        Damage[] orphans = [.. report.Damages.Where(damage => damage.Kind == DamageKind.OrphanSegment)];
        if (orphans.Length > 0)
        {
            await RemoveAsync(report.Row.Study, orphans, outcomes);
        }

        return [.. report.Damages.Select(damage => outcomes.GetValueOrDefault(damage, DamageOutcome.Left))];
    }

    private async ValueTask RemoveAsync(StudyHandle study, Damage[] orphans, Dictionary<Damage, DamageOutcome> outcomes)
    {
        var removed = await grains.GetGrain<IStudyGrain>(study.Value)
            .RemoveOrphansAsync([.. orphans.Select(damage => damage.Segment!.Value)], log.Actor);
        foreach (var (index, damage) in orphans.Index())
        {
            outcomes[damage] = index < removed ? DamageOutcome.Repaired : DamageOutcome.Left;
        }
    }

    /// <summary>Whatever is left of a study that was destroyed goes: by its grain where the end was not reached, else directly.</summary>
    public async ValueTask<DamageOutcome> FinishDestructionAsync(StudyHandle study, CancellationToken cancellation)
    {
        var grain = grains.GetGrain<IStudyGrain>(study.Value);
        if ((await grain.DestroyIfDueAsync()).Verdict is not (DestroyVerdict.Destroyed or DestroyVerdict.AlreadyDestroyed)
            || await catalog.GetStudyAsync(study, cancellation) is not { State: StudyState.Destroyed } row)
        {
            return DamageOutcome.Left;
        }

        if (await vault.PatientOfAsync(study, cancellation) is { } patient)
        {
            await grains.GetGrain<IPatientGrain>(patient.Value).DestroyStudyKeyAsync(study);
        }

        await objects.DeleteStudyAsync(study, cancellation);
        if (await catalog.ListInstancesAsync(study, cancellation).AnyAsync(cancellation))
        {
            await owner.ChangeAsync(study, owned => new(owned.State != StudyState.Destroyed ? null : RowsOf(owned)), cancellation);
        }

        return await vault.HasStudyKeyAsync(row.Study, cancellation) ? DamageOutcome.Left : DamageOutcome.Repaired;
    }

    private static StudyCommit RowsOf(StudyRow tombstone) => new()
    {
        Study = tombstone.Study,
        OwnerEpoch = tombstone.OwnerEpoch,
        State = tombstone.State,
        DueDay = tombstone.DueDay,
        SealedFacts = tombstone.SealedFacts,
        RemoveInstances = true,
    };
}
