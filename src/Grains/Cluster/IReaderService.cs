using Orleans.Services;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Cluster;

/// <summary>One on each silo, addressed by the silo: what the owners of studies and of keys want of a silo's memory.</summary>
[Alias("securestore.IReaderService")]
public interface IReaderService : IGrainService
{
    /// <summary>Closes the study's viewing sessions here. Returns once no byte is released any more and their keys are gone from memory.</summary>
    [Alias("close")]
    Task<ClosedSession[]> CloseAsync(StudyHandle study);

    /// <summary>Drops the keys that these pages had before.</summary>
    [Alias("forget-pages")]
    Task ForgetPagesAsync(RotatedPage[] pages);

    /// <summary>Drops the keys that end with a turn of the epoch.</summary>
    /// <returns>False where this silo does not see the turn (yet).</returns>
    [Alias("acknowledge")]
    Task<bool> AcknowledgeAsync(EpochTurn turn);
}
