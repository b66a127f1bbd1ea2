using System.Diagnostics.Metrics;

namespace SecureStore.Grains.Telemetry;

/// <summary>What goes out: instances and bytes released to callers, and the viewing sessions that are open.</summary>
internal static class ReleaseMetrics
{
    /// <summary>Each instance counts once a viewing session, whole or in part.</summary>
    public static Counter<long> Instances { get; } = Instruments.Store.CreateCounter<long>(
        "securestore.release.instances", "{instance}", "Instances of which something was released, once a viewing session.");

    public static Counter<long> Bytes { get; } = Instruments.Store.CreateCounter<long>(
        "securestore.release.size", "By", "Bytes released to callers: file contents and metadata.");

    public static UpDownCounter<long> Leases { get; } = Instruments.Store.CreateUpDownCounter<long>(
        "securestore.release.leases", "{lease}", "Read leases that viewing sessions of this silo hold.");
}
