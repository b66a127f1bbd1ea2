using Spectre.Console;

namespace SecureStore.Client.Output;

/// <summary>Writes results to stdout: tables for people, tabs or JSON for programs.</summary>
sealed class Results(CommandIo io)
{
    const int WidestTable = 1000;

    /// <summary>A line of the program's own words.</summary>
    public void Line(string text) => io.Out.WriteLine(PlainText.Line(text));

    /// <summary>JSON as the archive wrote it; on a terminal without what could steer it.</summary>
    public void Json(string json) => io.Out.WriteLine(io.OutIsTerminal ? PlainText.Lines(json) : json);

    /// <summary>A table with headings on a terminal; elsewhere rows of cells between tabs, without headings.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var clean = rows.Select(row => row.Select(PlainText.Line).ToArray());
        if (!io.OutIsTerminal)
        {
            foreach (var row in clean)
            {
                io.Out.WriteLine(string.Join('\t', row));
            }

            return;
        }

        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading)));
        }

        foreach (var row in clean)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(io.Out) });
        console.Profile.Width = WidestTable; // A UID stays in one piece, to be copied; the terminal folds what is too long for it.
        console.Write(table);
    }
}
