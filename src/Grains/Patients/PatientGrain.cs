using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Patients;

/// <inheritdoc cref="IPatientGrain"/>
internal sealed class PatientGrain(Vault.Vault vault) : Grain, IPatientGrain
{
    public async Task AddStudyKeyAsync(StudyHandle study) =>
        await vault.AddStudyKeyAsync(study, new PatientHandle(this.GetPrimaryKey()), CancellationToken.None);

    public async Task<KeyDestruction> DestroyStudyKeyAsync(StudyHandle study) =>
        await vault.DestroyStudyKeyAsync(study, CancellationToken.None);
}
