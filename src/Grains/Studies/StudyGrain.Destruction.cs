using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// Destruction, in steps that can each be done again: intent, leases ended, key, objects, catalog rows, tombstone and certificate.
/// </summary>
internal sealed partial class StudyGrain
{
    private const string RetentionActor = "retention";

    public async Task<DestroyDecision> DestroyAsync(StudyRequest request)
    {
        ThrowIfBroken();
        if (await TokenAsync(request.Token) is not { } caller)
        {
            return new DestroyDecision(DestroyVerdict.Unauthorized);
        }

        if (tombstone is not null)
        {
            return tombstone.IsCoveredBy(caller, vault.MacOfIdentity)
                ? new DestroyDecision(DestroyVerdict.AlreadyDestroyed, (await FinishAsync()).ToJson())
                : new DestroyDecision(DestroyVerdict.NotFound);
        }

        await EnsureKnownAsync();
        if (facts is null || !caller.Covers(facts.StudyInstanceUid, facts.Patient))
        {
            return new DestroyDecision(DestroyVerdict.NotFound);
        }

        if (!caller.Allows(PolicyActions.Destroy, facts.StudyInstanceUid, facts.Patient))
        {
            await RecordRefusalAsync(caller, PolicyActions.Destroy, null);
            return new DestroyDecision(DestroyVerdict.Forbidden);
        }

        return await DestroyAsync(caller, request.Reason ?? "");
    }

    public async Task<DestroyDecision> DestroyIfDueAsync()
    {
        ThrowIfBroken();
        if (tombstone is { IsFinal: true })
        {
            return new DestroyDecision(DestroyVerdict.AlreadyDestroyed);
        }

        if (tombstone is not null)
        {
            return new DestroyDecision(DestroyVerdict.Destroyed, (await FinishAsync()).ToJson());
        }

        return facts is null ? new DestroyDecision(DestroyVerdict.NotFound) : await DestroyAsync(null, null);
    }

    /// <param name="caller">Who wants it; null for the sweep, which destroys only what is due.</param>
    /// <param name="reason">Why; null for the study's retention rule.</param>
    private async Task<DestroyDecision> DestroyAsync(PolicyToken? caller, string? reason)
    {
        // What is being committed is waited for: it may move the day. Then nothing is stored or opened any more.
        await writing.WaitAsync();
        try
        {
            ThrowIfBroken();
            var doomed = facts!;
            if (doomed.LegalHold is not null)
            {
                return new DestroyDecision(DestroyVerdict.OnHold);
            }

            if (caller is null && !IsExpired(doomed))
            {
                return new DestroyDecision(DestroyVerdict.NotDue);
            }

            // Nothing is recorded as begun by an owner that was overtaken: a hold may have been set since.
            await EnsureOwnerAsync();
            state = StudyState.Destroying;
            reason ??= $"Retention rule {doomed.RetentionRule}";
            var begun = DestructionCertificate.Begun(
                Guid.NewGuid(), doomed.StudyInstanceUid, reason, caller?.Subject ?? RetentionActor, caller?.Id, time.GetUtcNow());
            var intent = Tombstone.Intent(doomed, vault.MacOfIdentity(doomed.Patient), begun);
            await audit.AppendAsync(
                Event(AuditAction.StudyDestructionBegun, caller, PolicyActions.Destroy, doomed) with { Reason = reason }, CancellationToken.None);
            await CommitTombstoneAsync(intent, StudyState.Destroying);
        }
        catch (Exception failure)
        {
            Abandon();
            throw Moved(failure);
        }
        finally
        {
            writing.Release();
        }

        return new DestroyDecision(DestroyVerdict.Destroyed, (await FinishAsync()).ToJson());
    }

    /// <summary>All that follows the intent. What fails here is taken up again by whoever comes next: a caller, or the sweep.</summary>
    private async Task<DestructionCertificate> FinishAsync()
    {
        try
        {
            return tombstone!.IsFinal ? tombstone.Certificate : await FinishAsync(tombstone);
        }
        catch (Exception failure)
        {
            Abandon();
            throw Moved(failure);
        }
    }

    private async Task<DestructionCertificate> FinishAsync(Tombstone begun)
    {
        await EndLeasesAsync();
        var gone = await GrainFactory.GetGrain<IPatientGrain>(begun.PatientHandle.Value).DestroyStudyKeyAsync(Study);
        await objects.DeleteStudyAsync(Study, CancellationToken.None);
        var final = begun with
        {
            IsFinal = true,
            Certificate = begun.Certificate with
            {
                DestroyedAt = gone.Live,
                BeyondBackupsAt = gone.BeyondBackups,
                KeyProvider = gone.Provider,
            },
        };
        await audit.AppendAsync(
            Event(AuditAction.StudyDestroyed, null, PolicyActions.Destroy, null) with
            {
                // However often the end is reached, it is recorded once.
                Id = final.Certificate.CertificateId,
                StudyInstanceUid = final.StudyInstanceUid,
                Actor = final.Certificate.Actor,
                TokenId = final.Certificate.TokenId,
                Reason = final.Certificate.Reason,
                Instances = final.Certificate.Instances,
            },
            CancellationToken.None);
        await CommitTombstoneAsync(final, StudyState.Destroyed);
        RetentionMetrics.Destroyed(byRule: final.Certificate.TokenId is null);
        facts = null;
        return final.Certificate;
    }

    private async Task CommitTombstoneAsync(Tombstone next, StudyState to)
    {
        await catalog.CommitAsync(
            new StudyCommit
            {
                Study = Study,
                OwnerEpoch = ownerEpoch,
                State = to,
                DueDay = null,
                SealedFacts = StudyRows.Seal(vault.ServiceKey(ServiceKeyName.Tombstones), Study, vault.MacOfUid(next.StudyInstanceUid), next),
                RemoveInstances = to == StudyState.Destroyed,
            },
            CancellationToken.None);
        (state, tombstone) = (to, next);
    }
}
