using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SecureStore.Client.Output;

namespace SecureStore.Client.Commands;

/// <summary><c>fsck</c>: checks the whole archive. Exit code 0 where nothing is left that is wrong and not dealt with.</summary>
static class FsckCommand
{
    static readonly string[] Headings = ["What", "Outcome", "Study", "Instance", "Segment", "Patient", "Handle"];
    static readonly string[] Columns = ["kind", "outcome", "study_instance_uid", "sop_instance_uid", "segment", "patient", "study"];

    public static Command Create(CommandContext context)
    {
        var repair = new Option<bool>("--repair")
        {
            Description = "Repair what can be repaired; what is lost is marked and put into quarantine. Nothing that is damaged is deleted.",
        };
        var quick = new Option<bool>("--quick") { Description = "Do not open the stored files: damage inside them is not found." };
        var resume = new Option<bool>("--resume") { Description = "Go on where an earlier check was cut off." };
        var command = new Command("fsck", "Check catalog, vault and stored files, and show what is wrong. Needs a token to administer.")
        {
            repair, quick, resume,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            var rows = new List<string[]>();
            JsonElement? end = null;
            await context.Messages.WithShareAsync(async report =>
            {
                var lines = client.FsckAsync(parsed.GetValue(repair), parsed.GetValue(quick), parsed.GetValue(resume), cancellation);
                await foreach (var line in lines.ConfigureAwait(false))
                {
                    var told = JsonFields.Objects(line)[0];
                    switch (JsonFields.Text(told, "type"))
                    {
                        case "progress":
                            report(Share(told), $"{JsonFields.Text(told, "phase")}: {Count(told, "studies")} studies, {Count(told, "findings")} findings");
                            continue;
                        case "end":
                            end = told;
                            break;
                        case "stopped":
                            context.Messages.Error(JsonFields.Text(told, "reason"));
                            break;
                        case "finding" or "quarantined":
                            rows.Add([.. Columns.Select(column => Cell(told, column))]);
                            break;
                    }

                    if (parsed.GetValue(context.Json))
                    {
                        context.Results.Json(line);
                    }
                }
            }).ConfigureAwait(false);

            if (!parsed.GetValue(context.Json))
            {
                context.Results.Table(Headings, rows);
                WriteSummary(context, end);
            }

            return SecureStoreCommand.ExitCode(end is { } whole && Count(whole, "left") == "0");
        });
        return command;
    }

    static void WriteSummary(CommandContext context, JsonElement? end)
    {
        if (end is not { } told)
        {
            context.Messages.Error("the check was cut off; --resume goes on with it");
            return;
        }

        context.Messages.Line(
            $"{Count(told, "studies")} studies, {Count(told, "instances")} instances, {Count(told, "bytes")} bytes verified: "
            + $"{Count(told, "findings")} findings, {Count(told, "repaired")} repaired, {Count(told, "quarantined")} put into quarantine, "
            + $"{Count(told, "left")} left; {Count(told, "quarantined_before")} in quarantine from before");
    }

    /// <summary>What is in quarantine from before has no outcome of this check.</summary>
    static string Cell(JsonElement told, string column) =>
        column == "outcome" && JsonFields.Text(told, column).Length == 0 ? "in_quarantine" : JsonFields.Text(told, column);

    static string Count(JsonElement told, string name) =>
        told.TryGetProperty("counts", out var counts) ? JsonFields.Text(counts, name) : "";

    static double Share(JsonElement told) =>
        double.TryParse(JsonFields.Text(told, "share"), NumberStyles.Float, CultureInfo.InvariantCulture, out var share) ? Math.Clamp(share, 0, 1) : 0;
}
