using System.Diagnostics.Metrics;

namespace SecureStore.Grains.Telemetry;

/// <summary>The audit log's group commit.</summary>
internal static class AuditMetrics
{
    public static UpDownCounter<long> Waiting { get; } = Instruments.Store.CreateUpDownCounter<long>(
        "securestore.audit.waiting", "{event}", "Events that wait to be recorded in the audit log.");

    public static Histogram<int> GroupSize { get; } = Instruments.GroupSize(
        Instruments.Store, "securestore.audit.group.size", "{event}", "Events that were recorded in one transaction.");

    public static Histogram<double> Commit { get; } = Instruments.Duration(
        Instruments.Store, "securestore.audit.commit.duration", "Recording a group of events, other silos' turns included.");

    public static Counter<long> Failures { get; } = Instruments.Store.CreateCounter<long>(
        "securestore.audit.failures", "{event}", "Events that could not be recorded: what they were about did not happen.");
}
