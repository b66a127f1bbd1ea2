using System.CommandLine;

namespace SecureStore.Client.Commands;

/// <summary><c>destroy</c>: a study goes for ever; its certificate goes to stdout.</summary>
static class DestroyCommand
{
    public static Command Create(CommandContext context)
    {
        var study = CommandContext.StudyArgument();
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the certificate and in the audit log.", HelpName = "TEXT", Required = true };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new Command("destroy", "Destroy a study for ever and print the certificate of its destruction.") { study, reason, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            var uid = CommandContext.StudyOf(parsed, study);
            using var client = context.Connect(parsed);
            if (!parsed.GetValue(yes) && !IsConfirmed(context, uid))
            {
                context.Messages.Error("nothing was destroyed");
                return SecureStoreCommand.ExitCode(false);
            }

            context.Results.Json(await client.DestroyAsync(uid, parsed.GetValue(reason)!, cancellation).ConfigureAwait(false));
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static bool IsConfirmed(CommandContext context, string study) => context.Io.InIsTerminal
        ? context.Messages.Ask($"Study {study} will be destroyed for ever. Type yes to go on:")?.Trim() == "yes"
        : throw new UsageException("destroying needs --yes where there is no terminal to ask on");
}
