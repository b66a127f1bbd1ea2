using System.CommandLine;
using System.Globalization;

namespace SecureStore.Client.Commands;

/// <summary>The options that choose studies.</summary>
sealed class StudyFilter
{
    readonly Option<string?> _patientId = Text("--patient-id", "ID", "The Patient ID.");
    readonly Option<string?> _patientName = Text("--patient-name", "NAME", "The patient's name, family name first: 'Doe^J*'.");
    readonly Option<string?> _date = Text("--date", "DATE", "The study's day, YYYY-MM-DD or YYYYMMDD, or a range FROM..TO; either end may be left out.");
    readonly Option<string?> _modality = Text("--modality", "CODE", "A modality of the study, such as CT or DX.");
    readonly Option<string?> _study = Text("--study", "UID", "The Study Instance UID.");

    public void AddTo(Command command)
    {
        foreach (var option in new[] { _patientId, _patientName, _date, _modality, _study })
        {
            command.Add(option);
        }
    }

    /// <exception cref="UsageException">A day or a UID is none.</exception>
    public SearchQuery Of(ParseResult parsed) => new()
    {
        PatientId = parsed.GetValue(_patientId),
        PatientName = parsed.GetValue(_patientName),
        StudyDate = parsed.GetValue(_date) is { } days ? DatesOf(days) : null,
        Modality = parsed.GetValue(_modality),
        StudyInstanceUid = parsed.GetValue(_study) is { } uid ? CommandContext.CheckUid(uid) : null,
    };

    public static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    /// <summary>PS3.4 C.2.2.2.5: YYYYMMDD, -YYYYMMDD, YYYYMMDD-, YYYYMMDD-YYYYMMDD.</summary>
    static string DatesOf(string text)
    {
        var ends = text.Split("..");
        if (ends is [var one] && one.Length == 17 && one[8] == '-')
        {
            ends = [one[..8], one[9..]];
        }

        return ends switch
        {
            [var day] => DayOf(day),
            ["", ""] => throw new UsageException("--date names no day"),
            [var from, var to] => $"{(from.Length == 0 ? "" : DayOf(from))}-{(to.Length == 0 ? "" : DayOf(to))}",
            _ => throw new UsageException("--date must be a day or FROM..TO"),
        };
    }

    static string DayOf(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyyMMdd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
            : throw new UsageException($"'{text}' is not a day; write it as 2026-01-31");
}
