using System.CommandLine;
using System.Text.Json;
using SecureStore.Client.Fetching;

namespace SecureStore.Client.Commands;

/// <summary><c>fetch</c>: instances into files.</summary>
static class FetchCommand
{
    public static Command Create(CommandContext context)
    {
        var target = new Argument<string>("STUDY[/SERIES[/INSTANCE]]") { Description = "The UIDs of the study, series or instance." };
        var folder = new Option<string>("--output", "-o")
        {
            Description = "The folder to write to: study/series/instance.dcm below it. Only you can open what is written.",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Command("fetch", "Fetch a study, a series or an instance, as it was stored.") { target, folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            var what = FetchTarget.Parse(parsed.GetValue(target)!)
                ?? throw new UsageException($"'{parsed.GetValue(target)}' is not STUDY, STUDY/SERIES or STUDY/SERIES/INSTANCE");
            var directory = parsed.GetValue(folder)!;
            using var client = context.Connect(parsed);
            var (fetched, failed, bytes) = (0, 0, 0L);
            await context.Messages.WithProgressAsync(null, null, async progress =>
            {
                await foreach (var outcome in client.FetchAsync(what, directory, progress, cancellation).ConfigureAwait(false))
                {
                    if (outcome.Problem is { } problem)
                    {
                        failed++;
                        context.Messages.Error(problem);
                    }
                    else
                    {
                        fetched++;
                    }

                    progress.FileDone();
                    bytes = progress.Bytes;
                }
            }).ConfigureAwait(false);

            if (parsed.GetValue(context.Json))
            {
                context.Results.Json(JsonSerializer.Serialize(new { fetched, failed, bytes }));
            }
            else
            {
                context.Results.Line($"fetched {fetched}, failed {failed}");
            }

            return SecureStoreCommand.ExitCode(failed == 0);
        });
        return command;
    }
}
