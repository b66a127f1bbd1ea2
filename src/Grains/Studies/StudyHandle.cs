namespace SecureStore.Grains.Studies;

/// <summary>A study's random name inside the store. It says nothing of the study: grain key, file name and trace attribute.</summary>
[GenerateSerializer, Immutable, Alias("securestore.StudyHandle")]
public readonly record struct StudyHandle([property: Id(0)] Guid Value)
{
    public static StudyHandle New() => new(Guid.NewGuid());

    public override string ToString() => Value.ToString("N");
}
