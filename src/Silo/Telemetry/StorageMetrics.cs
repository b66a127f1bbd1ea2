using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace SecureStore.Silo.Telemetry;

/// <summary>What the adapters to the outside meet: faults, circuits that are open, segments that are written.</summary>
internal static class StorageMetrics
{
    private static readonly ConcurrentDictionary<string, CircuitState> Circuits = new(StringComparer.Ordinal);

    public static Meter Meter { get; } = new("SecureStore.Silo");

    public static UpDownCounter<long> OpenSegments { get; } = Meter.CreateUpDownCounter<long>(
        "securestore.objects.segments.open", "{segment}", "Segments that this silo writes.");

    private static readonly Counter<long> Faults = Meter.CreateCounter<long>(
        "securestore.storage.faults", "{fault}", "Faults of storage that callers heard of as 'not available for now', by what failed.");

    static StorageMetrics() => Meter.CreateObservableGauge(
        "securestore.storage.circuit",
        () => Circuits.Select(circuit => new Measurement<int>((int)circuit.Value, new KeyValuePair<string, object?>("store", circuit.Key))),
        "{state}",
        "Circuit breaker of a store: 0 closed, 1 tried again, 2 open.");

    /// <summary>How a circuit breaker stands.</summary>
    public enum CircuitState
    {
        Closed,
        HalfOpen,
        Open,
    }

    /// <summary>Says that a circuit has changed.</summary>
    /// <param name="store">Which: catalog, vault, objects ...</param>
    public static void Circuit(string store, CircuitState state) => Circuits[store] = state;

    /// <summary>Counts a fault by the kind of storage that it comes from: its message is not looked at.</summary>
    public static void Fault(Exception fault) => Faults.Add(1, new KeyValuePair<string, object?>("kind", fault switch
    {
        SqliteException or System.Data.Common.DbException or DbUpdateException => "database",
        Azure.RequestFailedException => "blob",
        IOException or UnauthorizedAccessException => "file",
        TimeoutException or OperationCanceledException => "timeout",
        _ => "other",
    }));
}
