using System.CommandLine;
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
        var filter = new StudyFilter();
        var accession = StudyFilter.Text("--accession", "NUMBER", "The accession number.");
        var description = StudyFilter.Text("--description", "TEXT", "The study's description.");
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
            accession, description, limit,
        };
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or int.MaxValue)
            {
                throw new UsageException("--limit must be 1 or more");
            }

            var query = filter.Of(parsed) with
            {
                AccessionNumber = parsed.GetValue(accession),
                StudyDescription = parsed.GetValue(description),
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
}
