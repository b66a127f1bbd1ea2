using System.CommandLine;
using SecureStore.Client.Output;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Commands;

/// <summary>The <c>securestore</c> command. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.</summary>
static class SecureStoreCommand
{
    const int Done = 0;
    const int Failed = 1;
    const int WrongUsage = 2;
    const int LongestWord = 30;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandIo io, CancellationToken cancellation)
    {
        var context = new CommandContext(io);
        // No '@file' arguments: a patient's name or id may begin with '@'.
        var parsed = Create(context).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            context.Messages.Error(WhatIsWrong(parsed) + " See: securestore --help");
            return WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = io.Out, Error = io.Error, EnableDefaultExceptionHandler = false },
                cancellation).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            context.Messages.Error(e.Message);
            return WrongUsage;
        }
        catch (OperationCanceledException)
        {
            context.Messages.Error("stopped");
        }
        catch (Exception e) when (e is SecureStoreException or DicomClientException or IOException or UnauthorizedAccessException)
        {
            context.Messages.Error(e.Message);
        }
        catch (Exception e)
        {
            context.Messages.Error($"failed unexpectedly ({e.GetType().Name}): {e.Message}");
        }

        return Failed;
    }

    /// <summary>The exit code of a command that ran to its end.</summary>
    public static int ExitCode(bool allWell) => allWell ? Done : Failed;

    /// <summary>A long word is not repeated: it may be a token.</summary>
    static string WhatIsWrong(ParseResult parsed) => parsed.UnmatchedTokens switch
    {
        [{ Length: <= LongestWord } word, ..] => $"'{word}' is not a command or an option here.",
        [_, ..] => "There is an argument too many.",
        _ => parsed.Errors[0].Message,
    };

    static RootCommand Create(CommandContext context) =>
        new("Stores, finds, fetches and destroys studies in a SecureStore archive.")
        {
            context.Url,
            context.Token,
            context.Json,
            TokenCommand.Create(context),
            StoreCommand.Create(context),
            SearchCommand.Create(context),
            FetchCommand.Create(context),
            RetentionCommand.Create(context),
            DestroyCommand.Create(context),
            CertificateCommand.Create(context),
            AuditCommand.Create(context),
            FsckCommand.Create(context),
            ImportCommand.Create(context),
            EchoCommand.Create(context),
            SendCommand.Create(context),
            PullCommand.Create(context),
        };
}
