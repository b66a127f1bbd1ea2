using System.Diagnostics.Metrics;

namespace SecureStore.Grains.Telemetry;

/// <summary>
/// Destructions, and how late the sweep is. The silo that swept last tells the lag; a sweep that runs nowhere shows by its age, and a silo
/// that sweeps no more says nothing.
/// </summary>
internal static class RetentionMetrics
{
    private static readonly KeyValuePair<string, object?> Swept = new("cause", "retention");
    private static readonly KeyValuePair<string, object?> Asked = new("cause", "request");

    private static readonly Counter<long> Destructions = Instruments.Store.CreateCounter<long>(
        "securestore.destructions", "{study}", "Studies destroyed to the end, by cause.");

    private static Sweep? last;

    static RetentionMetrics()
    {
        Instruments.Store.CreateObservableGauge(
            "securestore.retention.lag", Lag, "s", "Time since the day of the oldest due study that is not destroyed yet; 0 where there is none.");
        Instruments.Store.CreateObservableGauge("securestore.retention.sweep.age", Age, "s", "Time since the last sweep ended.");
        Instruments.Store.CreateObservableGauge(
            "securestore.retention.failed", () => Observed(sweep => sweep.Failed), "{study}", "Studies that the last sweep could not destroy.");
    }

    /// <param name="byRule">True where a retention rule wanted it; false where a caller did.</param>
    public static void Destroyed(bool byRule) => Destructions.Add(1, byRule ? Swept : Asked);

    /// <summary>Says what a sweep has before it.</summary>
    /// <param name="oldest">The day of the oldest study that is due.</param>
    public static void SweepBegins(TimeProvider time, DateOnly? oldest) =>
        Volatile.Write(ref last, new Sweep(time, last?.Ended ?? time.GetUtcNow(), oldest, last?.Failed ?? 0));

    /// <summary>Says what a sweep left.</summary>
    /// <param name="oldest">The day of the oldest study that was due and is there still.</param>
    /// <param name="failed">Studies that it could not destroy.</param>
    public static void SweepEnded(TimeProvider time, DateOnly? oldest, long failed) =>
        Volatile.Write(ref last, new Sweep(time, time.GetUtcNow(), oldest, failed));

    /// <summary>Another silo sweeps from now on, or none.</summary>
    public static void SweepsNoMore() => Volatile.Write(ref last, null);

    private static IEnumerable<Measurement<double>> Lag() => Observed(sweep =>
        sweep.Oldest is { } day ? (sweep.Time.GetUtcNow().UtcDateTime - day.ToDateTime(TimeOnly.MinValue)).TotalSeconds : 0);

    private static IEnumerable<Measurement<double>> Age() => Observed(sweep => (sweep.Time.GetUtcNow() - sweep.Ended).TotalSeconds);

    private static IEnumerable<Measurement<T>> Observed<T>(Func<Sweep, T> value)
        where T : struct => Volatile.Read(ref last) is { } sweep ? [new(value(sweep))] : [];

    private sealed record Sweep(TimeProvider Time, DateTimeOffset Ended, DateOnly? Oldest, long Failed);
}
