using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <summary>
/// What is left of a study once its destruction has begun: enough to finish the destruction after a crash, to refuse the study
/// when it is sent again, and to know who may ask for the certificate. Sealed under the archive's tombstone key, since the study's own key goes.
/// </summary>
public sealed record Tombstone
{
    public required string StudyInstanceUid { get; init; }

    public required PatientHandle PatientHandle { get; init; }

    /// <summary>MAC of the patient's identity: whether a token names this patient can be told, who it was cannot.</summary>
    public required byte[] PatientMac { get; init; }

    public required DestructionCertificate Certificate { get; init; }

    /// <summary>The intent: what is known of the study, with the certificate as far as it can be said before the key is gone.</summary>
    public static Tombstone Intent(StudyFacts doomed, Mac patient, DestructionCertificate certificate) => new()
    {
        StudyInstanceUid = doomed.StudyInstanceUid,
        PatientHandle = doomed.PatientHandle,
        PatientMac = patient.ToArray(),
        Certificate = certificate with
        {
            Series = doomed.Series.Count,
            Instances = doomed.Instances,
            Bytes = doomed.Bytes,
            Received = doomed.Received,
            RetentionStart = doomed.RetentionStart,
            DueDay = doomed.DueDay,
            Rule = doomed.RetentionRule,
        },
    };

    /// <summary>True once everything is gone and the certificate is final.</summary>
    public bool IsFinal { get; init; }

    /// <inheritdoc cref="StudyFacts.Later"/>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, System.Text.Json.JsonElement>? Later { get; set; }

    /// <summary>Whether the token reaches the study that was.</summary>
    public bool IsCoveredBy(PolicyToken token, Func<PatientIdentity, Mac> macOf) => token.Grants.Any(grant => grant.Locations.Any(location => location switch
    {
        PolicyLocation.Everything => true,
        PolicyLocation.OfStudy study => study.StudyInstanceUid == StudyInstanceUid,
        PolicyLocation.OfPatient named => macOf(named.Patient).Bytes.Span.SequenceEqual(PatientMac),
        _ => false,
    }));

    public override string ToString() => nameof(Tombstone);
}
