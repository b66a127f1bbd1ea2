using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SecureStore.Grains.Telemetry;

/// <summary>The store's meter, and the kinds of instruments that it has. Nothing that is measured names a patient, a study or a caller.</summary>
public static class Instruments
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<int> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };

    internal static Meter Store { get; } = new("SecureStore.Grains");

    /// <summary>A histogram of seconds, from half a millisecond to half a minute.</summary>
    public static Histogram<double> Duration(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, null, Seconds);

    /// <summary>A histogram of how many went together, in powers of two.</summary>
    public static Histogram<int> GroupSize(Meter meter, string name, string unit, string description) =>
        meter.CreateHistogram(name, unit, description, null, Sizes);

    /// <param name="duration">A histogram of seconds.</param>
    /// <param name="started">What <see cref="Stopwatch.GetTimestamp"/> said at the beginning.</param>
    public static void RecordSince(this Histogram<double> duration, long started) =>
        duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
}
