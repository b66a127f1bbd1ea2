using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using SecureStore.Client.Importing;
using SecureStore.Client.Storing;

namespace SecureStore.Client.Commands;

/// <summary><c>import</c>: another archive's studies into this one (docs/import.md).</summary>
sealed class ImportCommand
{
    const string HeadersVariable = "SECURESTORE_PEER_HEADERS";

    readonly CommandContext _context;
    readonly PeerOptions _peers;
    readonly StudyFilter _filter = new();

    readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Files, folders with all below them, and DICOMDIRs with the files they name.", Arity = ArgumentArity.ZeroOrMore,
    };

    readonly Option<string?> _from = new("--from")
    {
        Description = "Another archive: the root of its DICOMweb service, or where it takes associations.", HelpName = "URL|HOST:PORT",
    };

    readonly Option<string?> _move = new("--move")
    {
        Description = "Have the instances sent by C-MOVE to this address of this machine, and listen there; without it they come by C-GET. The other "
            + "archive must know it under the AE title of --calling.",
        HelpName = "ADDRESS:PORT",
    };

    readonly Option<string?> _report = new("--report")
    {
        Description = "A file for a line about each instance: JSON, or comma-separated where the name ends in .csv. Only you can open it.", HelpName = "FILE",
    };

    readonly Option<bool> _expired = new("--include-expired") { Description = "Import also studies whose retention period is over." };

    readonly Option<bool> _again = new("--again") { Description = "Compare every instance, also those that an earlier run has imported." };

    ImportCommand(CommandContext context) => (_context, _peers) = (context, new PeerOptions(context));

    public static Command Create(CommandContext context)
    {
        var import = new ImportCommand(context);
        var command = new Command(
            "import", "Import from files or from another archive: each instance is stored, read back and compared. A run that was cut off goes on where it was.")
        {
            import._paths, import._from, import._move, import._report, import._expired, import._again,
        };
        import._peers.AddTo(command);
        import._filter.AddTo(command);
        command.SetAction(import.RunAsync);
        return command;
    }

    async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var archive = _context.Connect(parsed);
        var source = await SourceAsync(parsed, cancellation).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using var report = ImportReport.Create(parsed.GetValue(_report));
            var run = new ImportRun(archive, source, StoreJournal.Open(_context.Io.Environment), report, _context.Messages)
            {
                Archive = _context.UrlOf(parsed),
                Again = parsed.GetValue(_again),
                IncludesExpired = parsed.GetValue(_expired),
            };
            await run.RunAsync(cancellation).ConfigureAwait(false);
            WriteSummary(run, parsed.GetValue(_context.Json));
            return SecureStoreCommand.ExitCode(run.AllWell);
        }
    }

    void WriteSummary(ImportRun run, bool json)
    {
        var (imported, identical, expired) = (run.Count(ImportOutcome.Imported), run.Count(ImportOutcome.Identical), run.Count(ImportOutcome.Expired));
        var (notDicom, refused) = (run.Count(ImportOutcome.NotDicom), run.Count(ImportOutcome.Refused));
        if (json)
        {
            _context.Results.Json(JsonSerializer.Serialize(new { imported, identical, done_before = run.Before, expired, not_dicom = notDicom, refused }));
        }
        else
        {
            _context.Results.Line(
                $"imported {imported}, identical {identical}, done before {run.Before}, expired {expired}, not DICOM {notDicom}, refused {refused}");
        }
    }

    async Task<IImportSource> SourceAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (paths, from, move) = (parsed.GetValue(_paths)!, parsed.GetValue(_from), parsed.GetValue(_move));
        if (from is null == (paths.Length == 0))
        {
            throw new UsageException("import takes either paths, or another archive with --from");
        }

        var web = from is null ? null : CommandContext.Web(from);
        if (move is not null && (from is null || web is not null))
        {
            throw new UsageException("--move is for an archive that is named by HOST:PORT");
        }

        return from is null ? new FolderSource(paths)
            : web is not null ? WebSource(parsed, web)
            : await DimseSourceAsync(parsed, from, move, cancellation).ConfigureAwait(false);
    }

    DicomWebSource WebSource(ParseResult parsed, Uri root)
    {
        var (token, headers) = (_peers.TokenOf(parsed, takesToken: false), Headers());
        if (root.Scheme == Uri.UriSchemeHttp && !root.IsLoopback && (token is not null || headers.Count > 0))
        {
            throw new UsageException("a token or headers go to another machine over https only");
        }

        var client = _context.Open(new SecureStoreClientOptions
        {
            Url = root,
            Token = token,
            Headers = headers,
            DicomWebRoot = "",
            Tls = _peers.Tls(parsed).ToClient(null),
        });
        return new DicomWebSource(client, root.AbsoluteUri.TrimEnd('/'), _filter.Of(parsed));
    }

    async Task<DimseSource> DimseSourceAsync(ParseResult parsed, string from, string? move, CancellationToken cancellation)
    {
        var (peer, query) = (_peers.Peer(parsed, from, takesToken: false), _filter.Of(parsed));
        if (move is null)
        {
            return new DimseSource(peer, query, null);
        }

        if (!IPEndPoint.TryParse(move, out var listensAt) || listensAt.Port == 0)
        {
            throw new UsageException("--move must be an address of this machine and a port, such as 127.0.0.1:11113");
        }

        var tls = _peers.IsEncrypted(parsed) ? _peers.Tls(parsed) : null;
        if (tls is { Certificate: null })
        {
            throw new UsageException("--move with --tls needs --cert and --key: this program is called, too");
        }

        if (tls is null && !IPAddress.IsLoopback(listensAt.Address))
        {
            _context.Messages.Error($"warning: what comes to {listensAt} is not encrypted; use --tls");
        }

        return new DimseSource(peer, query, await MoveReceiver.StartAsync(peer, listensAt, tls?.ToServer(), cancellation).ConfigureAwait(false));
    }

    List<(string Name, string Value)> Headers()
    {
        var headers = new List<(string, string)>();
        foreach (var line in (_context.Variable(HeadersVariable) ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(colon > 0
                ? (line[..colon].Trim(), line[(colon + 1)..].Trim())
                : throw new UsageException($"{HeadersVariable} must hold lines of 'Name: value'"));
        }

        return headers;
    }
}
