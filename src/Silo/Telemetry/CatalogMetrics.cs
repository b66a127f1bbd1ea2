using System.Diagnostics.Metrics;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Silo.Telemetry;

/// <summary>The catalog's group commit, on whichever database.</summary>
internal static class CatalogMetrics
{
    public static UpDownCounter<long> Waiting { get; } = StorageMetrics.Meter.CreateUpDownCounter<long>(
        "securestore.catalog.waiting", "{write}", "Writes that wait for the catalog's committer.");

    public static Histogram<int> GroupSize { get; } = Instruments.GroupSize(
        StorageMetrics.Meter, "securestore.catalog.group.size", "{write}", "Writes that went into one transaction of the catalog.");

    public static Histogram<double> Commit { get; } = Instruments.Duration(
        StorageMetrics.Meter, "securestore.catalog.commit.duration", "One transaction of the catalog, its flush included.");
}
