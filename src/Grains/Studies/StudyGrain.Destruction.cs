using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
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

        if (facts is null || !caller.Covers(facts.StudyInstanceUid, facts.Patient))
        {
            return new DestroyDecision(DestroyVerdict.NotFound);
        }

        if (!caller.Allows(PolicyActions.Destroy, facts.StudyInstanceUid, facts.Patient))
        {
            await RecordRefusalAsync(caller, PolicyActions.Destroy, null);
            return new DestroyDecision(DestroyVerdict.Forbidden);
        }

        return facts.LegalHold is null
            ? new DestroyDecision(DestroyVerdict.Destroyed, (await DestroyAsync(caller, request.Reason ?? "")).ToJson())
            : new DestroyDecision(DestroyVerdict.OnHold);
    }

    public async Task<DestroyDecision> DestroyIfDueAsync()
    {
        if (tombstone is { IsFinal: true })
        {
            return new DestroyDecision(DestroyVerdict.AlreadyDestroyed);
        }

        if (tombstone is not null)
        {
            return new DestroyDecision(DestroyVerdict.Destroyed, (await FinishAsync()).ToJson());
        }

        if (facts is null)
        {
            return new DestroyDecision(DestroyVerdict.NotFound);
        }

        if (facts.LegalHold is not null)
        {
            return new DestroyDecision(DestroyVerdict.OnHold);
        }

        return IsExpired(facts)
            ? new DestroyDecision(DestroyVerdict.Destroyed, (await DestroyAsync(null, $"Retention rule {facts.RetentionRule}")).ToJson())
            : new DestroyDecision(DestroyVerdict.NotDue);
    }

    private async Task<DestructionCertificate> DestroyAsync(PolicyToken? caller, string reason)
    {
        // From here on nothing is stored or opened any more; what is being committed is waited for.
        state = StudyState.Destroying;
        await writing.WaitAsync();
        try
        {
            var doomed = facts!;
            var intent = new Tombstone
            {
                StudyInstanceUid = doomed.StudyInstanceUid,
                PatientHandle = doomed.PatientHandle,
                PatientMac = vault.MacOfIdentity(doomed.Patient).ToArray(),
                Certificate = Draft(doomed, caller, reason),
            };
            await audit.AppendAsync(
                Event(AuditAction.StudyDestructionBegun, caller, PolicyActions.Destroy, doomed) with { Reason = reason }, CancellationToken.None);
            await CommitTombstoneAsync(intent, StudyState.Destroying);
        }
        catch
        {
            Abandon();
            throw;
        }
        finally
        {
            writing.Release();
        }

        return await FinishAsync();
    }

    private async Task<DestructionCertificate> FinishAsync()
    {
        if (tombstone!.IsFinal)
        {
            return tombstone.Certificate;
        }

        await EndLeasesAsync();
        var gone = await GrainFactory.GetGrain<IPatientGrain>(tombstone.PatientHandle.Value).DestroyStudyKeyAsync(Study);
        await objects.DeleteStudyAsync(Study, CancellationToken.None);
        var final = tombstone with
        {
            IsFinal = true,
            Certificate = tombstone.Certificate with
            {
                DestroyedAt = gone.Live,
                BeyondBackupsAt = gone.BeyondBackups,
                KeyProvider = gone.Provider,
            },
        };
        await audit.AppendAsync(
            Event(AuditAction.StudyDestroyed, null, PolicyActions.Destroy, null) with
            {
                StudyInstanceUid = final.StudyInstanceUid,
                Actor = final.Certificate.Actor,
                TokenId = final.Certificate.TokenId,
                Reason = final.Certificate.Reason,
                Instances = final.Certificate.Instances,
            },
            CancellationToken.None);
        await CommitTombstoneAsync(final, StudyState.Destroyed);
        facts = null;
        return final.Certificate;
    }

    /// <summary>Cancels running leases and waits until each holder has let go, or its lease has run out.</summary>
    private async Task EndLeasesAsync()
    {
        var running = readLeases.ToArray();
        readLeases.Clear();
        storeLeases.Clear();
        await Task.WhenAll(running.Select(async lease =>
        {
            try
            {
                await lease.Value.Holder.CancelAsync(lease.Key);
            }
            catch (Exception unreachable) when (unreachable is OrleansException or TimeoutException)
            {
                logger.LogWarning("The holder of lease {Lease} does not answer; its end is waited for.", lease.Key);
                var left = lease.Value.Expires - time.GetUtcNow();
                if (left > TimeSpan.Zero)
                {
                    await Task.Delay(left, time);
                }
            }
        }));
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
                SealedFacts = StudyRows.Seal(vault.ServiceKey(ServiceKeyName.Tombstones), Study, next),
                RemoveInstances = to == StudyState.Destroyed,
            },
            CancellationToken.None);
        (state, tombstone) = (to, next);
    }

    /// <summary>The certificate as far as it can be said before the key is gone: its times are those of the beginning.</summary>
    private DestructionCertificate Draft(StudyFacts doomed, PolicyToken? caller, string reason) => new()
    {
        CertificateId = Guid.NewGuid(),
        StudyInstanceUid = doomed.StudyInstanceUid,
        Series = doomed.Series.Count,
        Instances = doomed.Instances,
        Bytes = doomed.Bytes,
        Received = doomed.Received,
        RetentionStart = doomed.RetentionStart,
        DueDay = doomed.DueDay,
        Rule = doomed.RetentionRule,
        Reason = reason,
        Actor = caller?.Subject ?? RetentionActor,
        TokenId = caller?.Id,
        DestroyedAt = time.GetUtcNow(),
        BeyondBackupsAt = DateTimeOffset.MaxValue,
        KeyProvider = "",
        Statement = DestructionCertificate.FileProviderStatement,
    };
}
