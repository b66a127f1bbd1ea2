using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Patients;

/// <summary>The one owner of a patient's key rows, keyed by the patient handle. No key passes through it: it tells its silo's vault what to do.</summary>
[Alias("securestore.IPatientGrain"), GrainInterfaceType("securestore.patient")]
public interface IPatientGrain : IGrainWithGuidKey
{
    /// <summary>Makes the study's key under the patient's. One that is there already gets a new id.</summary>
    [Alias("add-study-key")]
    Task<StudyKeyOutcome> AddStudyKeyAsync(StudyHandle study);

    /// <summary>Destroys the study's key and gives the patient's and the page's keys new versions. Doing it again changes nothing.</summary>
    [Alias("destroy-study-key")]
    Task<KeyDestruction> DestroyStudyKeyAsync(StudyHandle study);

    /// <summary>
    /// Destroys the study's key where it still has this id. However late the wish arrives, it does no harm to a key that was added since.
    /// </summary>
    [Alias("destroy-unused-study-key")]
    Task DestroyUnusedStudyKeyAsync(StudyHandle study, Guid keyId);

    /// <summary>Destroys the patient's key where the patient has no study. Doing it again changes nothing.</summary>
    /// <returns>False where the patient has a study.</returns>
    [Alias("destroy-unused")]
    Task<bool> DestroyUnusedAsync();
}

/// <summary>The numbers are sent: never used again for another. 0 is none of them.</summary>
[GenerateSerializer, Alias("securestore.StudyKeyOutcome")]
public enum StudyKeyOutcome
{
    /// <summary>The study has its key under this patient's.</summary>
    Added = 1,

    /// <summary>The study has a key under another patient's.</summary>
    OtherPatients = 2,

    /// <summary>The patient's last study was destroyed just now, and the patient's row with it: to be found or made again.</summary>
    PatientGone = 3,
}
