using System.Runtime.CompilerServices;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Vault;

/// <summary>What a check of the whole archive asks of the vault, and what a repair does to it.</summary>
public sealed partial class Vault
{
    /// <summary>Every study that has a key, with its patient, in no order.</summary>
    public async IAsyncEnumerable<(StudyHandle Study, PatientHandle Patient)> StudiesWithKeyAsync(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in store.ListAsync(VaultRowKind.Study, cancellation))
            yield return (new StudyHandle(row.Id), new PatientHandle(row.Parent));
    }

    /// <summary>Every patient, in no order.</summary>
    public async IAsyncEnumerable<PatientHandle> PatientsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in store.ListAsync(VaultRowKind.Patient, cancellation))
            yield return new PatientHandle(row.Id);
    }

    public async ValueTask<bool> HasStudiesAsync(PatientHandle patient, CancellationToken cancellation) =>
        (await store.ListChildrenAsync(VaultRowKind.Study, patient.Value, cancellation)).Count > 0;

    /// <summary>Whether a study has a row of its own, be its chain whole or not.</summary>
    public async ValueTask<bool> HasStudyKeyAsync(StudyHandle study, CancellationToken cancellation) =>
        await store.FindAsync(VaultRowKind.Study, study.Value, cancellation) is not null;

    /// <summary>The patient whose key a study's is wrapped under; null where the study has no key.</summary>
    public async ValueTask<PatientHandle?> PatientOfAsync(StudyHandle study, CancellationToken cancellation) =>
        await store.FindStudyAsync(study.Value, cancellation) is { } chain ? new PatientHandle(chain.Patient.Id) : null;

    /// <summary>Destroys a patient's key as a destruction does, unless the patient has a study. One that is not there is no error.</summary>
    /// <returns>The pages whose old keys other silos must drop; null where the patient has a study.</returns>
    /// <exception cref="VaultIntegrityException">A row is damaged or stands in another's place; nothing was destroyed.</exception>
    public async ValueTask<RotatedPage[]?> DestroyUnusedPatientAsync(PatientHandle patient, CancellationToken cancellation)
    {
        RotatedPage[]? rotated = [];
        await writing.WaitAsync(cancellation);
        try
        {
            await RetryAsync<bool>(async () =>
            {
                if (await store.FindPatientAsync(patient.Value, cancellation) is not { } chain)
                    return true;
                if (await HasStudiesAsync(patient, cancellation))
                {
                    rotated = null;
                    return true;
                }

                if (await TryRotateAsync(chain.Page.Id, [patient.Value], [], cancellation) is not var (page, _))
                    return null;
                rotated = [page];
                return true;
            });
        }
        finally
        {
            writing.Release();
        }
        return rotated;
    }
}
