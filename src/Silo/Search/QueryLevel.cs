namespace SecureStore.Silo.Search;

/// <summary>What a search returns (PS3.18 10.6.1.1).</summary>
public enum QueryLevel
{
    Study,
    Series,
    Instance,
}
