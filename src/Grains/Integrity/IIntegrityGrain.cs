namespace SecureStore.Grains.Integrity;

/// <summary>Sees to it that the archive is checked once at a time (key 0). A check holds its turn by renewing it.</summary>
public interface IIntegrityGrain : IGrainWithIntegerKey
{
    /// <summary>Begins a check, or renews its turn.</summary>
    /// <returns>False where another check runs.</returns>
    Task<bool> HoldAsync(Guid check);

    Task EndAsync(Guid check);
}
