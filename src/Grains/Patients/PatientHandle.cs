namespace SecureStore.Grains.Patients;

/// <summary>A patient's random name inside the store.</summary>
[GenerateSerializer, Immutable, Alias("securestore.PatientHandle")]
public readonly record struct PatientHandle([property: Id(0)] Guid Value)
{
    public static PatientHandle New() => new(Guid.NewGuid());

    public override string ToString() => Value.ToString("N");
}
