using System.CommandLine;
using System.Globalization;
using SecureStore.Client.Output;

namespace SecureStore.Client.Commands;

/// <summary><c>retention plan|run|hold|release|show</c>.</summary>
static class RetentionCommand
{
    static readonly string[] Headings = ["Due", "Study", "Patient ID", "Issuer", "Rule", "Hold", "State"];
    static readonly string[] Columns = ["due", "study", "patient_id", "issuer", "rule", "hold", "state"];

    public static Command Create(CommandContext context) =>
        new("retention", "See and run what the retention rules say, and set legal holds.")
        {
            CreatePlan(context), CreateRun(context), CreateHold(context), CreateRelease(context), CreateShow(context),
        };

    static Command CreatePlan(CommandContext context)
    {
        var until = new Option<string?>("--until") { Description = "The day to look ahead to, YYYY-MM-DD. Default: today.", HelpName = "DATE" };
        var command = new Command("plan", "Show what would be destroyed, soonest first. Nothing is destroyed.") { until };
        command.SetAction(async (parsed, cancellation) =>
        {
            var day = parsed.GetValue(until) is { } text ? DayOf(text) : (DateOnly?)null;
            using var client = context.Connect(parsed);
            WriteStudies(context, parsed, await client.RetentionPlanAsync(day, cancellation).ConfigureAwait(false));
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static Command CreateRun(CommandContext context)
    {
        var command = new Command("run", "Destroy now what is due.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            var json = await client.RetentionRunAsync(cancellation).ConfigureAwait(false);
            var counts = JsonFields.Objects(json)[0];
            var failed = JsonFields.Text(counts, "failed");
            if (parsed.GetValue(context.Json))
            {
                context.Results.Json(json);
            }
            else
            {
                context.Results.Line($"destroyed {JsonFields.Text(counts, "destroyed")}, skipped {JsonFields.Text(counts, "skipped")}, failed {failed}");
            }

            return SecureStoreCommand.ExitCode(failed == "0");
        });
        return command;
    }

    static Command CreateHold(CommandContext context)
    {
        var study = CommandContext.StudyArgument();
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the audit log.", HelpName = "TEXT", Required = true };
        var command = new Command("hold", "Put a legal hold on a study: nothing destroys it until it is released.") { study, reason };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            await client.HoldAsync(CommandContext.StudyOf(parsed, study), parsed.GetValue(reason)!, cancellation).ConfigureAwait(false);
            context.Messages.Line("The study is on hold.");
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static Command CreateRelease(CommandContext context)
    {
        var study = CommandContext.StudyArgument();
        var command = new Command("release", "Take the legal hold from a study.") { study };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            await client.ReleaseAsync(CommandContext.StudyOf(parsed, study), cancellation).ConfigureAwait(false);
            context.Messages.Line("The study is released.");
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static Command CreateShow(CommandContext context)
    {
        var study = CommandContext.StudyArgument();
        var command = new Command("show", "Show when a study is due, and by which rule.") { study };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            WriteStudies(context, parsed, await client.RetentionAsync(CommandContext.StudyOf(parsed, study), cancellation).ConfigureAwait(false));
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static void WriteStudies(CommandContext context, ParseResult parsed, string json)
    {
        if (parsed.GetValue(context.Json))
        {
            context.Results.Json(json);
        }
        else
        {
            context.Results.Table(Headings, JsonFields.Objects(json).Select(s => Columns.Select(c => JsonFields.Text(s, c)).ToArray()));
        }
    }

    static DateOnly DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new UsageException($"'{text}' is not a day; write it as 2026-01-31");
}
