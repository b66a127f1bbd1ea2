using System.Globalization;

namespace SecureStore.Grains.Retention;

/// <summary>
/// When a study falls due.
/// </summary>
/// <param name="Start">The day the period counts from: the study date, or the day of receipt (UTC) where that is implausible.</param>
/// <param name="DueDay">From this day (UTC) on the study is unreadable and is destroyed.</param>
/// <param name="RuleName">The rule that decided.</param>
/// <param name="ImplausibleDate">The study date was missing, no date, before X-rays were discovered, or after the receipt.</param>
/// <param name="RuleDay">The end of the rule's period: <paramref name="DueDay"/>, were there no grace.</param>
public sealed record RetentionDecision(DateOnly Start, DateOnly DueDay, string RuleName, bool ImplausibleDate, DateOnly RuleDay);

/// <summary>The arithmetic of retention: pure.</summary>
public static class RetentionSchedule
{
    /// <summary>The day X-rays were discovered; no study is older.</summary>
    public static readonly DateOnly Earliest = new(1895, 11, 8);

    /// <summary>
    /// Decides when a study falls due. Each of its modalities takes the first rule that covers it, or the default; the rule that keeps longest
    /// decides for the study. Never before the grace period after the receipt is over.
    /// </summary>
    /// <param name="options">The rules.</param>
    /// <param name="modalities">Modality (0008,0060) of each of the study's series; none is as good as one without a rule of its own.</param>
    /// <param name="studyDate">Study Date (0008,0020) as it stands: YYYYMMDD (PS3.5 6.2), anything else is implausible.</param>
    /// <param name="received">When the study's first instance came.</param>
    public static RetentionDecision Decide(RetentionOptions options, IEnumerable<string> modalities, string? studyDate, DateTimeOffset received)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(modalities);
        var receiptDay = DateOnly.FromDateTime(received.UtcDateTime);
        var plausible = TryParseDate(studyDate, out var date) && date >= Earliest && date.DayNumber <= receiptDay.DayNumber + 1;
        var start = plausible ? date : receiptDay;

        var (due, rule) = modalities.DefaultIfEmpty("")
            .Select(modality => options.Rules.FirstOrDefault(rule => rule.Covers(modality)))
            .Select(rule => (Due: (rule?.Keep ?? options.Default).After(start), Name: rule?.Name ?? RetentionOptions.DefaultRuleName))
            .MaxBy(kept => kept.Due);
        var graceEnds = EndOfGrace(received.UtcDateTime, options.Grace);
        return new(start, due > graceEnds ? due : graceEnds, rule, !plausible, due);
    }

    /// <summary>The first day (UTC) that begins when the grace period is over or later.</summary>
    private static DateOnly EndOfGrace(DateTime received, TimeSpan grace)
    {
        if (DateTime.MaxValue - received <= grace + TimeSpan.FromDays(1))
            return DateOnly.MaxValue;
        var end = received + grace;
        var day = DateOnly.FromDateTime(end);
        return end.TimeOfDay == TimeSpan.Zero ? day : day.AddDays(1);
    }

    private static bool TryParseDate(string? text, out DateOnly date) =>
        DateOnly.TryParseExact(text?.Trim(' ', '\0'), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
}
