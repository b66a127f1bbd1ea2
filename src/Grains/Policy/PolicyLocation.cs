using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Policy;

/// <summary>What a grant reaches: everything, one patient, or one study. A closed set.</summary>
public abstract record PolicyLocation
{
    private PolicyLocation()
    {
    }

    /// <summary>Every study there is.</summary>
    public sealed record Everything : PolicyLocation
    {
        public override string ToString() => nameof(Everything);
    }

    /// <summary>The studies of one patient, named with the issuer of the Patient ID.</summary>
    public sealed record OfPatient(PatientIdentity Patient) : PolicyLocation
    {
        public override string ToString() => nameof(OfPatient);
    }

    /// <summary>One study.</summary>
    public sealed record OfStudy(string StudyInstanceUid) : PolicyLocation
    {
        public override string ToString() => nameof(OfStudy);
    }
}
