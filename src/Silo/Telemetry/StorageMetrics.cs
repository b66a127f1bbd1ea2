using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace SecureStore.Silo.Telemetry;

/// <summary>What the adapters to the outside meet: faults, circuits that are open, segments that are written.</summary>
internal static class StorageMetrics
{
    private static readonly ConcurrentDictionary<string, Circuit> Circuits = new(StringComparer.Ordinal);

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

    private enum Circuit
    {
        Closed,
        HalfOpen,
        Open,
    }

    /// <summary>Has a circuit breaker tell how it stands.</summary>
    /// <param name="breaker">The breaker's options, which are returned.</param>
    /// <param name="store">What it is before: catalog, vault, objects ...</param>
    public static CircuitBreakerStrategyOptions Observed(this CircuitBreakerStrategyOptions breaker, string store)
    {
        Circuits.TryAdd(store, Circuit.Closed);
        breaker.OnOpened = _ => Set(Circuit.Open);
        breaker.OnHalfOpened = _ => Set(Circuit.HalfOpen);
        breaker.OnClosed = _ => Set(Circuit.Closed);
        return breaker;

        ValueTask Set(Circuit state)
        {
            Circuits[store] = state;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Counts a fault by the kind of storage that it comes from: its message is not looked at.</summary>
    public static void Fault(Exception fault) => Faults.Add(1, new KeyValuePair<string, object?>("kind", fault switch
    {
        SqliteException or System.Data.Common.DbException or DbUpdateException => "database",
        Azure.RequestFailedException => "blob",
        IOException or UnauthorizedAccessException => "file",
        BrokenCircuitException => "circuit",
        TimeoutException or TimeoutRejectedException or OperationCanceledException => "timeout",
        _ => "other",
    }));
}
