using Orleans.Runtime;

namespace SecureStore.Grains.Cluster;

/// <summary>When the read leases on a study have run out, by the clock of its owner, where nobody renews them any more.</summary>
/// <param name="Known">The last of the leases that the owner has given to each silo.</param>
/// <param name="Unknown">The last of those that earlier owners may have given to any silo.</param>
public sealed record LeaseEnds(IReadOnlyDictionary<SiloAddress, DateTimeOffset> Known, DateTimeOffset Unknown)
{
    /// <summary>When the last lease on a silo has run out.</summary>
    public DateTimeOffset On(SiloAddress silo) => Known.TryGetValue(silo, out var end) && end > Unknown ? end : Unknown;
}
