using System.Diagnostics.Metrics;

namespace SecureStore.Grains.Telemetry;

/// <summary>Sealed bytes on their way: counted where a buffer of them is handed over, never chunk by chunk.</summary>
internal static class SealMetrics
{
    public static Counter<long> Sealed { get; } = Instruments.Store.CreateCounter<long>(
        "securestore.sealed.size", "By", "Sealed bytes handed to the object store.");

    public static Counter<long> Opened { get; } = Instruments.Store.CreateCounter<long>(
        "securestore.opened.size", "By", "Sealed bytes read from the object store and opened.");
}
