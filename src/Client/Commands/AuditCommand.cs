using System.CommandLine;
using SecureStore.Client.Output;

namespace SecureStore.Client.Commands;

/// <summary><c>audit show</c>: entries of the audit log.</summary>
static class AuditCommand
{
    static readonly string[] Headings = ["Index", "Time", "Action", "Actor", "Purpose", "Study", "Reason", "Detail"];
    static readonly string[] Columns = ["index", "time", "action", "actor", "purpose_of_use", "study_instance_uid", "reason", "detail"];

    public static Command Create(CommandContext context) => new("audit", "Read the audit log.") { CreateShow(context) };

    static Command CreateShow(CommandContext context)
    {
        var from = new Option<long>("--from") { Description = "The index of the first entry.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var limit = new Option<int>("--limit") { Description = "The greatest number of entries.", HelpName = "N", DefaultValueFactory = _ => 100 };
        var command = new Command("show", "Show entries of the audit log, oldest first; with --json one JSON object a line.") { from, limit };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(from) < 0 || parsed.GetValue(limit) < 1)
            {
                throw new UsageException("--from must be 0 or more, --limit 1 or more");
            }

            using var client = context.Connect(parsed);
            var rows = new List<string[]>();
            await foreach (var line in client.AuditAsync(parsed.GetValue(from), parsed.GetValue(limit), cancellation).ConfigureAwait(false))
            {
                if (parsed.GetValue(context.Json))
                {
                    context.Results.Json(line);
                }
                else
                {
                    rows.AddRange(JsonFields.Objects(line).Select(entry => Columns.Select(c => JsonFields.Text(entry, c)).ToArray()));
                }
            }

            if (!parsed.GetValue(context.Json))
            {
                context.Results.Table(Headings, rows);
            }

            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }
}
