using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Destroys again what the audit log says was destroyed, where the catalog or the vault, from an older backup, has it still. It leaves
/// alone whatever it finds destroyed. May be repeated.
/// </summary>
public sealed class DestructionReplay(
    IAuditLog audit, ICatalog catalog, IObjectStore objects, Vault.Vault vault, IGrainFactory grains, StudyFactsReader reader, RetentionOptions retention,
    StudyOptions studies, TimeProvider time, ILogger<DestructionReplay> logger)
{
    private const string Actor = "restore";

    /// <summary>An opening that long after a destruction began, which did not end, shows that it came to nothing.</summary>
    private static readonly TimeSpan ComesToNothing = TimeSpan.FromMinutes(5);

    private readonly StudyOwner owner = new(catalog, grains, logger);
    private readonly StudyRepair repair = new(
        catalog, objects, vault, grains, new RepairLog(audit, time, Actor), retention, studies, time, logger);

    /// <param name="from">The entry of the log to begin with.</param>
    /// <param name="cancellation">Cuts it off.</param>
    /// <returns>How many studies were destroyed again, and the first entry of a destruction that may still run: null where there is none.</returns>
    /// <exception cref="StorageUnavailableException">Storage fails for now; not all of it is done.</exception>
    public async Task<(int Replayed, long? FirstUnsettled)> RunAsync(long from, CancellationToken cancellation)
    {
        var begun = new Dictionary<string, (long Index, AuditEvent Entry)>(StringComparer.Ordinal);
        var replayed = 0;
        await foreach (var (index, entry) in audit.ReadAsync(from, cancellation))
        {
            if (entry.StudyInstanceUid is not { } study)
            {
                continue;
            }

            switch (entry.Action)
            {
                case AuditAction.StudyDestructionBegun:
                    begun[study] = (index, entry);
                    break;
                case AuditAction.StudyDestroyed:
                    begun.Remove(study, out var beginning);
                    replayed += await DestroyAsync(entry with { Patient = beginning.Entry?.Patient }, cancellation) ? 1 : 0;
                    break;
                case AuditAction.LegalHoldSet or AuditAction.LegalHoldReleased:
                case AuditAction.InstancesStored when entry.Detail == "begin":
                case AuditAction.StudyOpened when begun.TryGetValue(study, out var earlier) && entry.Time >= earlier.Entry.Time + ComesToNothing:
                    begun.Remove(study);
                    break;
            }
        }

        // What began just now may be under way on another silo.
        var settled = time.GetUtcNow() - ComesToNothing;
        foreach (var (_, unfinished) in begun.Values.Where(one => one.Entry.Time <= settled))
        {
            replayed += await DestroyAsync(unfinished with { Id = Guid.NewGuid() }, cancellation) ? 1 : 0;
        }

        return (replayed, begun.Values.Where(one => one.Entry.Time > settled).Min(one => (long?)one.Index));
    }

    /// <returns>True where there was something to destroy.</returns>
    private async Task<bool> DestroyAsync(AuditEvent recorded, CancellationToken cancellation)
    {
        var uid = vault.MacOfUid(recorded.StudyInstanceUid!);
        var row = await catalog.FindStudyAsync(uid, cancellation);
        if (row is { State: StudyState.Destroyed } && !await HasLeftoversAsync(row.Study, cancellation))
        {
            return false;
        }

        if (row is { State: StudyState.Destroying })
        {
            await FinishAsync(row.Study, cancellation);
            return false;
        }

        await audit.AppendAsync(
            new AuditEvent
            {
                Id = Guid.NewGuid(),
                Time = time.GetUtcNow(),
                Action = AuditAction.DestructionReplayed,
                Actor = Actor,
                StudyInstanceUid = recorded.StudyInstanceUid,
                Reason = recorded.Reason,
                Detail = row is null ? "the catalog does not know the study" : $"the study was {row.State}",
            },
            CancellationToken.None);

        // A study that the catalog has never heard of gets its tombstone: it is not taken in again.
        row ??= await catalog.AddStudyAsync(uid, StudyHandle.New(), cancellation);
        if (row.State == StudyState.Active)
        {
            await owner.ChangeAsync(row.Study, owned => IntentAsync(owned, recorded, cancellation), cancellation);
        }

        await FinishAsync(row.Study, cancellation);
        return true;
    }

    private async Task FinishAsync(StudyHandle study, CancellationToken cancellation)
    {
        if (await repair.FinishDestructionAsync(study, cancellation) != DamageOutcome.Repaired)
        {
            throw new StorageUnavailableException("A study that was destroyed could not be destroyed again.");
        }
    }

    private async ValueTask<bool> HasLeftoversAsync(StudyHandle study, CancellationToken cancellation) =>
        await vault.HasStudyKeyAsync(study, cancellation) || await objects.ListSegmentsAsync(study, cancellation).AnyAsync(cancellation);

    private async ValueTask<StudyCommit?> IntentAsync(StudyRow row, AuditEvent recorded, CancellationToken cancellation)
    {
        if (row.State != StudyState.Active)
        {
            return null;
        }

        var certificate = DestructionCertificate.Begun(
            recorded.Id, recorded.StudyInstanceUid!, recorded.Reason ?? "", recorded.Actor, recorded.TokenId, time.GetUtcNow())
            with { Instances = recorded.Instances ?? 0 };
        var intent = await FactsAsync(row, cancellation) is { } facts
            ? Tombstone.Intent(facts, vault.MacOfIdentity(facts.Patient), certificate)
            : new Tombstone
            {
                StudyInstanceUid = recorded.StudyInstanceUid!,
                PatientHandle = PatientHandle.New(),
                PatientMac = recorded.Patient is { } patient ? vault.MacOfIdentity(patient).ToArray() : new byte[Mac.Size],
                Certificate = certificate,
            };
        return new StudyCommit
        {
            Study = row.Study,
            OwnerEpoch = row.OwnerEpoch,
            State = StudyState.Destroying,
            DueDay = null,
            SealedFacts = StudyRows.Seal(vault.ServiceKey(ServiceKeyName.Tombstones), row.Study, row.StudyUid, intent),
        };
    }

    private async ValueTask<StudyFacts?> FactsAsync(StudyRow row, CancellationToken cancellation)
    {
        try
        {
            return await reader.OpenAsync(row, cancellation);
        }
        catch (VaultIntegrityException)
        {
            return null;
        }
    }
}
