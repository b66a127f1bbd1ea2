using System.Globalization;
using System.Text.RegularExpressions;

namespace SecureStore.Grains.Retention;

/// <summary>How long something is kept: whole years, months and days (ISO 8601 5.5.2, "P10Y", "P1Y6M", "P90D"); more than nothing.</summary>
public readonly partial record struct RetentionPeriod
{
    /// <summary>The largest number in any place.</summary>
    public const int MaxNumber = 9999;

    private RetentionPeriod(int years, int months, int days) => (Years, Months, Days) = (years, months, days);

    public int Years { get; }

    public int Months { get; }

    public int Days { get; }

    /// <exception cref="FormatException">Not a positive period of years, months and days.</exception>
    public static RetentionPeriod Parse(string text) =>
        TryParse(text, out var period) ? period
        : throw new FormatException("A retention period is written like P10Y, P1Y6M or P90D, each number from 0 to 9999 and not all 0.");

    public static bool TryParse(string? text, out RetentionPeriod period)
    {
        period = default;
        var match = Pattern().Match(text ?? "");
        if (!match.Success)
            return false;
        period = new(Number("y"), Number("m"), Number("d"));
        return period != default;

        int Number(string group) => match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>
    /// The day that ends the period: years and months first (the last day of the month where the month is shorter: a year
    /// after 29 February is 28 February), then days. <see cref="DateOnly.MaxValue"/> where the calendar ends.
    /// </summary>
    public DateOnly After(DateOnly start)
    {
        var monthsLeft = (9999 - start.Year) * 12 + (12 - start.Month);
        var months = Years * 12 + Months;
        if (months > monthsLeft)
            return DateOnly.MaxValue;
        var day = start.AddMonths(months).DayNumber + Days;
        return day > DateOnly.MaxValue.DayNumber ? DateOnly.MaxValue : DateOnly.FromDayNumber(day);
    }

    /// <summary>The written form; a default value, which is no period, is written P0D.</summary>
    public override string ToString()
    {
        var text = (Years > 0 ? $"{Years}Y" : "") + (Months > 0 ? $"{Months}M" : "") + (Days > 0 ? $"{Days}D" : "");
        return text.Length == 0 ? "P0D" : "P" + text;
    }

    [GeneratedRegex(@"^P(?=[0-9])(?:(?<y>[0-9]{1,4})Y)?(?:(?<m>[0-9]{1,4})M)?(?:(?<d>[0-9]{1,4})D)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
