using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace SecureStore.Client.Commands;

/// <summary><c>search</c>: studies on stdout.</summary>
static class SearchCommand
{
    const int DefaultLimit = 100;

    static readonly string[] Headings = ["Study", "Date", "Modality", "Patient ID", "Patient name", "Accession", "Description", "Series", "Instances"];

    static readonly string[] Columns =
    [
        DicomJson.StudyInstanceUid, DicomJson.StudyDate, DicomJson.ModalitiesInStudy, DicomJson.PatientId, DicomJson.PatientName,
        DicomJson.AccessionNumber, DicomJson.StudyDescription, DicomJson.NumberOfStudyRelatedSeries, DicomJson.NumberOfStudyRelatedInstances,
    ];

    public static Command Create(CommandContext context)
    {
        var patientId = Text("--patient-id", "ID", "The Patient ID.");
        var patientName = Text("--patient-name", "NAME", "The patient's name, family name first: 'Doe^J*'.");
        var date = Text("--date", "DATE", "The study's day, YYYY-MM-DD or YYYYMMDD, or a range FROM..TO; either end may be left out.");
        var modality = Text("--modality", "CODE", "A modality of the study, such as CT or DX.");
        var accession = Text("--accession", "NUMBER", "The accession number.");
        var description = Text("--description", "TEXT", "The study's description.");
        var study = Text("--study", "UID", "The Study Instance UID.");
        var limit = new Option<int>("--limit")
        {
            Description = "The greatest number of studies.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultLimit,
        };
        var command = new Command(
            "search",
            "Find studies. Texts may hold * for any characters and ? for one. On a terminal the result is a table, elsewhere lines with tabs.")
        {
            patientId, patientName, date, modality, accession, description, study, limit,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or int.MaxValue)
            {
                throw new UsageException("--limit must be 1 or more");
            }

            var query = new SearchQuery
            {
                PatientId = parsed.GetValue(patientId),
                PatientName = parsed.GetValue(patientName),
                StudyDate = parsed.GetValue(date) is { } days ? DatesOf(days) : null,
                Modality = parsed.GetValue(modality),
                AccessionNumber = parsed.GetValue(accession),
                StudyDescription = parsed.GetValue(description),
                StudyInstanceUid = parsed.GetValue(study) is { } uid ? CommandContext.CheckUid(uid) : null,
                Limit = most + 1, // One more tells whether there are more.
            };
            using var client = context.Connect(parsed);
            var results = new List<JsonElement>();
            await foreach (var result in client.SearchAsync(query, cancellation).ConfigureAwait(false))
            {
                results.Add(result);
            }

            Write(context, results.Take(most), parsed.GetValue(context.Json));
            if (results.Count > most)
            {
                context.Messages.Line($"There are more than {most} studies; --limit gives more.");
            }

            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static void Write(CommandContext context, IEnumerable<JsonElement> results, bool json)
    {
        if (json)
        {
            context.Results.Json("[" + string.Join(",\n", results.Select(r => r.GetRawText())) + "]");
        }
        else
        {
            context.Results.Table(Headings, results.Select(r => Columns.Select(tag => DicomJson.Text(r, tag)).ToArray()));
        }
    }

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

    static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };
}
