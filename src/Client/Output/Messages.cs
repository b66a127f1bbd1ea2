using Spectre.Console;

namespace SecureStore.Client.Output;

/// <summary>Writes messages to stderr, a line each, above the progress bar where one is shown.</summary>
sealed class Messages(CommandIo io)
{
    readonly IAnsiConsole? _console = io.ErrorIsTerminal
        ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(io.Error), Interactive = InteractionSupport.Yes })
        : null;

    public void Line(string text)
    {
        var line = PlainText.Line(text);
        if (_console is null)
        {
            io.Error.WriteLine(line);
        }
        else
        {
            _console.WriteLine(line);
        }
    }

    public void Error(string text) => Line("securestore: " + text);

    /// <summary>Asks a question, and waits for a line.</summary>
    public string? Ask(string question)
    {
        io.Error.Write(PlainText.Line(question) + " ");
        io.Error.Flush();
        return io.In.ReadLine();
    }

    /// <summary>Runs work that says which share of it is done, with a progress bar, or without one where stderr is no terminal.</summary>
    /// <param name="work">Reports a share (0 to 1) and what it is at.</param>
    public async Task WithShareAsync(Func<Action<double, string>, Task> work)
    {
        if (_console is null)
        {
            await work(static (_, _) => { }).ConfigureAwait(false);
            return;
        }

        ProgressColumn[] columns = [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()];
        await _console.Progress().Columns(columns).StartAsync(async context =>
        {
            var task = context.AddTask("begins", maxValue: 1);
            await work((share, what) => (task.Value, task.Description) = (share, Markup.Escape(PlainText.Line(what)))).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Runs work with a progress bar, or without one where stderr is no terminal.</summary>
    /// <param name="bytes">The bytes to come; null where nobody knows.</param>
    /// <param name="files">The files to come; null where nobody knows.</param>
    /// <param name="work">What is done.</param>
    public async Task WithProgressAsync(long? bytes, int? files, Func<TransferProgress, Task> work)
    {
        if (_console is null)
        {
            await work(new TransferProgress(null, files)).ConfigureAwait(false);
            return;
        }

        ProgressColumn[] columns = bytes is null
            ? [new SpinnerColumn(), new TaskDescriptionColumn(), new TransferSpeedColumn()]
            : [new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn()];
        await _console.Progress().Columns(columns).StartAsync(async context =>
        {
            var task = context.AddTask("files", maxValue: Math.Max(1, bytes ?? long.MaxValue));
            task.IsIndeterminate = bytes is null;
            await work(new TransferProgress(task, files)).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }
}
