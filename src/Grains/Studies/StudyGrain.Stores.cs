using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <summary>Store leases, and the patient that the study is bound to by the first of them.</summary>
internal sealed partial class StudyGrain
{
    public async Task<StoreDecision> BeginStoreAsync(StoreRequest request)
    {
        ThrowIfBroken();
        if (await TokenAsync(request.Token) is not { } token)
        {
            return new StoreDecision(StoreVerdict.Unauthorized);
        }

        var uid = request.StudyInstanceUid;
        if (!isKnown || vault.MacOfUid(uid) != studyUid || !token.Allows(PolicyActions.Store, uid, request.Patient))
        {
            return await RefuseStoreAsync(token, request);
        }

        while (!removing.IsCompleted || IsUnbound)
        {
            await removing;
            if (IsUnbound)
            {
                await BindAsync(request.Patient);
            }

            ThrowIfBroken();
        }

        // From here to the lease nothing is awaited: while there is a lease, the study stays bound and its key stays.
        if (!IsOpenToStores)
        {
            var mayKnow = tombstone?.IsCoveredBy(token, vault.MacOfIdentity) ?? facts is not null && token.Covers(uid, facts.Patient);
            return mayKnow ? new StoreDecision(StoreVerdict.Destroyed) : await RefuseStoreAsync(token, request);
        }

        var patient = facts?.Patient ?? bound!.Value.Identity;
        if (patient != request.Patient)
        {
            if (!token.Allows(PolicyActions.Store, uid, patient))
            {
                return await RefuseStoreAsync(token, request);
            }

            if (options.OnMismatch == PatientMismatchRule.Refuse)
            {
                return new StoreDecision(StoreVerdict.PatientMismatch);
            }
        }

        var lease = Guid.NewGuid();
        storeLeases[lease] = new StoreLease(token, request);
        return new StoreDecision(StoreVerdict.Granted, lease);
    }

    private bool IsUnbound => IsOpenToStores && facts is null && bound is null;

    private bool IsOpenToStores => state == StudyState.Active && (facts is null || !IsExpired(facts));

    private async Task<StoreDecision> RefuseStoreAsync(PolicyToken token, StoreRequest request)
    {
        await RecordRefusalAsync(token, PolicyActions.Store, request.Address);
        return new StoreDecision(StoreVerdict.Forbidden);
    }

    private async Task BindAsync(PatientIdentity patient)
    {
        await binding.WaitAsync();
        try
        {
            while (facts is null && bound is null)
            {
                var handle = await vault.FindOrAddPatientAsync(patient, CancellationToken.None);
                switch (await GrainFactory.GetGrain<IPatientGrain>(handle.Value).AddStudyKeyAsync(Study))
                {
                    case StudyKeyOutcome.Added:
                        bound = (patient, handle);
                        break;
                    case StudyKeyOutcome.OtherPatients:
                        // Left over from a first instance that was never committed.
                        await DestroyUnusedKeyAsync(handle);
                        break;
                    case StudyKeyOutcome.PatientGone:
                        break;
                }
            }
        }
        finally
        {
            binding.Release();
        }
    }

    /// <summary>Where the last lease ended and nothing was ever stored, the study is nobody's again.</summary>
    private async Task UnbindAsync()
    {
        await binding.WaitAsync();
        try
        {
            if (bound is not { } unused || facts is not null || isBroken || state != StudyState.Active
                || storeLeases.Count > 0 || pending.Count > 0 || !committing.IsCompleted)
            {
                return;
            }

            bound = null;
            await DestroyUnusedKeyAsync(unused.Handle);
        }
        catch (StorageUnavailableException)
        {
            logger.LogWarning("The unused key of study {Study} is left for the next that stores it.", Study);
        }
        finally
        {
            binding.Release();
        }
    }

    /// <summary>
    /// Only the study's present owner knows that nothing was sealed under a key: the claim says that it is, and shuts out whoever was before.
    /// The id was looked up before the claim, and each owner that goes on with a key gives it another: whenever the patient's grain hears of
    /// this, it is no later owner's key that goes.
    /// </summary>
    private async Task DestroyUnusedKeyAsync(PatientHandle patient)
    {
        var unused = await vault.FindStudyKeyIdAsync(Study, CancellationToken.None);
        if (await catalog.ClaimAsync(Study, ownerEpoch, CancellationToken.None) is not { } claimed)
        {
            Abandon();
            throw new StorageUnavailableException("The study has moved to another owner.");
        }

        ownerEpoch = claimed;
        if (unused is { } key)
        {
            await GrainFactory.GetGrain<IPatientGrain>(patient.Value).DestroyUnusedStudyKeyAsync(Study, key);
        }
    }

    private async Task RecordStoreEndAsync(Guid lease, StoreLease store)
    {
        if (store.Instances > 0)
        {
            await audit.AppendAsync(
                Event(AuditAction.InstancesStored, store.Token, PolicyActions.Store, facts) with
                {
                    Session = lease,
                    Instances = store.Instances,
                    Bytes = store.Bytes,
                    Address = store.Request.Address,
                    Detail = "end",
                },
                CancellationToken.None);
        }
    }
}
