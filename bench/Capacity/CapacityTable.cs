using System.Globalization;
using System.Text;

namespace SecureStore.Bench.Capacity;

/// <summary>A capacity report as Markdown.</summary>
internal static class CapacityTable
{
    private static readonly (double Size, string Name)[] Scales = [(1e9, " billion"), (1e6, " million")];

    public static string Of(CapacityReport report)
    {
        var text = new StringBuilder("| what | amount | unit |\n| --- | ---: | --- |\n");
        foreach (var need in report.Needs)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {need.What} | {Number(need.Amount)} | {need.Unit} |\n");
        }

        text.Append("\n| limit of one archive, however many silos it has | images a year | what moves it |\n| --- | ---: | --- |\n");
        foreach (var limit in report.Limits)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {limit.What} | {Number(limit.ImagesAYear)} | {limit.Remedy} |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nThe first bottleneck is: {report.Limits[0].What}. ")
            .Append(CultureInfo.InvariantCulture, $"That makes {Number(report.Archives)} archives of {Number(report.SilosAnArchive)} silos.\n").ToString();
    }

    /// <summary>Three digits, and a word where they are not enough.</summary>
    internal static string Number(double amount)
    {
        var (size, name) = Scales.FirstOrDefault(scale => amount >= scale.Size, (1, ""));
        var scaled = amount / size;
        var digits = scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
        return scaled.ToString(amount == Math.Round(amount) && size == 1 ? "#,0" : "#,0." + new string('0', digits), CultureInfo.InvariantCulture).TrimEnd('.') + name;
    }
}
