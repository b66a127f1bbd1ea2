using Orleans.Runtime;

namespace SecureStore.Grains.Integrity;

/// <summary>Sees to it that the archive is checked once at a time (key 0). A check holds its turn by renewing it.</summary>
[Alias("securestore.IIntegrityGrain"), GrainInterfaceType("securestore.integrity")]
public interface IIntegrityGrain : IGrainWithIntegerKey
{
    /// <summary>Begins a check, or renews its turn.</summary>
    /// <returns>False where another check runs.</returns>
    [Alias("hold")]
    Task<bool> HoldAsync(Guid check);

    [Alias("end")]
    Task EndAsync(Guid check);
}
