using System.CommandLine;

namespace SecureStore.Client.Commands;

/// <summary><c>certificate</c>: the certificate of a destruction, JSON as the archive wrote it.</summary>
static class CertificateCommand
{
    public static Command Create(CommandContext context)
    {
        var study = CommandContext.StudyArgument();
        var command = new Command("certificate", "Print the certificate of a study's destruction, as JSON.") { study };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = context.Connect(parsed);
            context.Results.Json(await client.CertificateAsync(CommandContext.StudyOf(parsed, study), cancellation).ConfigureAwait(false));
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }
}
