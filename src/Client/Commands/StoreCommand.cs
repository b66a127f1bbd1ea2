using System.CommandLine;
using SecureStore.Client.Storing;

namespace SecureStore.Client.Commands;

/// <summary><c>store</c>: files and folders into the archive.</summary>
static class StoreCommand
{
    public static Command Create(CommandContext context)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files and folders; folders with all below them.", Arity = ArgumentArity.OneOrMore };
        var again = new Option<bool>("--again") { Description = "Send every file, also those that this archive has acknowledged before." };
        var command = new Command(
            "store",
            "Store DICOM files. Other files are skipped. A second run sends only what the archive has not acknowledged yet.")
        {
            paths, again,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            var run = new StoreRun(context, context.UrlOf(parsed), StoreJournal.Open(context.Io.Environment), parsed.GetValue(again));
            await run.StoreAsync(client, parsed.GetValue(paths)!, cancellation).ConfigureAwait(false);
            run.WriteSummary(parsed.GetValue(context.Json));
            return SecureStoreCommand.ExitCode(run.AllWell);
        });
        return command;
    }
}
