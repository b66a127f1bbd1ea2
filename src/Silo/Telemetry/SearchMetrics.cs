using System.Diagnostics.Metrics;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Silo.Telemetry;

/// <summary>How far the read model is behind the catalog.</summary>
internal static class SearchMetrics
{
    public static Gauge<long> Lag { get; } = StorageMetrics.Meter.CreateGauge<long>(
        "securestore.search.lag", "{change}", "Changes of the catalog that the read model of this silo had not seen when it was last looked at.");

    public static Histogram<double> CatchUp { get; } = Instruments.Duration(
        StorageMetrics.Meter, "securestore.search.catch_up.duration", "Bringing the read model up to date before an answer, where there was something new.");
}
