using System.Globalization;
using System.Text.RegularExpressions;

namespace SecureStore.Bench.Cluster;

/// <summary>Reads what /metrics answers.</summary>
internal static partial class PrometheusText
{
    /// <summary>The sum over the lines of a metric that have these labels; 0 where there is none.</summary>
    public static double Sum(string metrics, string name, string labels = "") => metrics.Split('\n')
        .Select(line => Line().Match(line))
        .Where(match => match.Groups["name"].Value == name && match.Groups["labels"].Value.Contains(labels, StringComparison.Ordinal))
        .Sum(match => double.Parse(match.Groups["value"].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^(?<name>[a-z_]+)(\{(?<labels>[^}]*)\})? (?<value>[0-9.eE+-]+)")]
    private static partial Regex Line();
}
