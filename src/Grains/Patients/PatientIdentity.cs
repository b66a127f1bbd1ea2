namespace SecureStore.Grains.Patients;

/// <summary>
/// Who a patient is: the Patient ID (0010,0020) and who issued it (Issuer of Patient ID (0010,0021), or the issuer
/// configured for the sender; empty where there is neither). A study without a Patient ID is one patient of its own:
/// <see cref="ForStudyAlone"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("securestore.PatientIdentity")]
public sealed record PatientIdentity([property: Id(0)] string Issuer, [property: Id(1)] string Id)
{
    /// <summary>The Study Instance UID, where the identity stands for the unnamed patient of one study.</summary>
    [Id(2)]
    public string? OnlyStudy { get; init; }

    public static PatientIdentity ForStudyAlone(string studyInstanceUid) => new("", "") { OnlyStudy = studyInstanceUid };

    /// <summary>Nothing: an identity is never printed.</summary>
    public override string ToString() => nameof(PatientIdentity);
}
