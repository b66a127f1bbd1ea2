using SecureStore.Grains.Cluster;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Patients;

/// <inheritdoc cref="IPatientGrain"/>
[GrainType("patient")]
internal sealed class PatientGrain(Vault.Vault vault, IOtherSilos others) : Grain, IPatientGrain
{
    public async Task<StudyKeyOutcome> AddStudyKeyAsync(StudyHandle study)
    {
        try
        {
            await vault.AddStudyKeyAsync(study, new PatientHandle(this.GetPrimaryKey()), CancellationToken.None);
            return StudyKeyOutcome.Added;
        }
        catch (PatientGoneException)
        {
            return StudyKeyOutcome.PatientGone;
        }
        catch (OtherPatientsStudyException)
        {
            return StudyKeyOutcome.OtherPatients;
        }
    }

    public async Task<KeyDestruction> DestroyStudyKeyAsync(StudyHandle study)
    {
        var gone = await vault.DestroyStudyKeyAsync(study, CancellationToken.None);
        await others.ForgetPagesAsync(gone.Pages);
        return gone;
    }

    public async Task DestroyUnusedStudyKeyAsync(StudyHandle study, Guid keyId) =>
        await others.ForgetPagesAsync((await vault.DestroyStudyKeyAsync(study, keyId, CancellationToken.None)).Pages);

    public async Task<bool> DestroyUnusedAsync()
    {
        if (await vault.DestroyUnusedPatientAsync(new PatientHandle(this.GetPrimaryKey()), CancellationToken.None) is not { } pages)
        {
            return false;
        }

        await others.ForgetPagesAsync(pages);
        return true;
    }
}
