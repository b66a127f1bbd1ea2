namespace SecureStore.Bench;

internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Percentile(values, 50);

    /// <summary>The nearest-rank percentile, from 1 to 100.</summary>
    public static double Percentile(IEnumerable<double> values, int percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Ceiling(percent / 100.0 * sorted.Length) - 1];
    }

    /// <summary>The median of ours to theirs, round by round: what disturbs a round disturbs both.</summary>
    public static double MedianRatio(IReadOnlyList<double> ours, IReadOnlyList<double> theirs) => Median(ours.Zip(theirs, (one, other) => one / other));
}
