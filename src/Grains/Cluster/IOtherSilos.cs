using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Cluster;

/// <summary>The other silos of the cluster: each may have viewing sessions on a study, and keys of the vault, in its memory.</summary>
public interface IOtherSilos
{
    /// <summary>
    /// Closes a study's viewing sessions on every other silo. Returns once none of them releases a byte any more: each has answered, or its
    /// leases have run out.
    /// </summary>
    /// <returns>The sessions that were closed.</returns>
    Task<IReadOnlyList<ClosedSession>> CloseAsync(StudyHandle study, LeaseEnds ends);

    /// <summary>Has the old keys of rotated pages dropped from memory. A silo that does not answer drops them at the next turn of the epoch.</summary>
    Task ForgetPagesAsync(IReadOnlyList<RotatedPage> pages);

    /// <summary>Asks every other live silo whether it sees a turn of the epoch and has dropped the keys that end with it.</summary>
    /// <returns>True where all of them have; otherwise it is to be asked again later.</returns>
    Task<bool> AcknowledgeAsync(EpochTurn turn);
}

/// <summary>Embedded mode: there are none, and no message is sent.</summary>
internal sealed class NoOtherSilos : IOtherSilos
{
    public Task<IReadOnlyList<ClosedSession>> CloseAsync(StudyHandle study, LeaseEnds ends) => Task.FromResult<IReadOnlyList<ClosedSession>>([]);

    public Task ForgetPagesAsync(IReadOnlyList<RotatedPage> pages) => Task.CompletedTask;

    public Task<bool> AcknowledgeAsync(EpochTurn turn) => Task.FromResult(true);
}
