using System.CommandLine;
using System.Text.Json;
using SecureStore.Client.Dimse;
using SecureStore.Client.Storing;

namespace SecureStore.Client.Commands;

/// <summary><c>send</c>: files and folders to another system, by C-STORE.</summary>
static class SendCommand
{
    public static Command Create(CommandContext context)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files and folders; folders with all below them.", Arity = ArgumentArity.OneOrMore };
        var to = new Option<string>("--to") { Description = "Where the other system takes associations.", HelpName = "HOST:PORT", Required = true };
        var peers = new PeerOptions(context);
        var command = new Command("send", "Send DICOM files to another DICOM system (C-STORE), as they are. Other files are skipped.") { paths, to };
        peers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var run = new Run(context);
            await run.SendAsync(peers.Peer(parsed, parsed.GetValue(to)!, takesToken: true), parsed.GetValue(paths)!, cancellation).ConfigureAwait(false);
            return run.Finish(parsed.GetValue(context.Json));
        });
        return command;
    }

    sealed class Run(CommandContext context)
    {
        readonly List<StoreOutcome> _refused = [];
        int _sent;
        int _notDicom;

        public async Task SendAsync(DimsePeer peer, IEnumerable<string> paths, CancellationToken cancellation)
        {
            var files = new List<OutgoingFile>();
            foreach (var path in paths.SelectMany(p => FileFinder.Find(p, folder => Note(new StoreOutcome(folder, StoreStatus.Unreadable, "it cannot be read")))))
            {
                var (file, outcome) = await OutgoingFile.LookAsync(path, cancellation).ConfigureAwait(false);
                if (file is not null)
                {
                    files.Add(file);
                }
                else
                {
                    Note(outcome!);
                }
            }

            var sender = new DimseSender(peer, context.Io.TimeProvider, delay => context.Messages.Line($"{peer} is busy or away; trying again in {delay.TotalSeconds:0.#} s."));
            await using (sender.ConfigureAwait(false))
            {
                await context.Messages.WithProgressAsync(files.Sum(file => file.DatasetLength), files.Count, async progress =>
                {
                    await foreach (var outcome in sender.SendAsync(files, progress, cancellation).ConfigureAwait(false))
                    {
                        Note(outcome);
                        progress.FileDone();
                    }
                }).ConfigureAwait(false);
            }
        }

        public int Finish(bool json)
        {
            if (json)
            {
                context.Results.Json(JsonSerializer.Serialize(
                    new { sent = _sent, not_dicom = _notDicom, refused = _refused.Select(one => new { path = one.Path, reason = one.Reason }) }));
            }
            else
            {
                context.Results.Line($"sent {_sent}, not DICOM {_notDicom}, refused {_refused.Count}");
            }

            return SecureStoreCommand.ExitCode(_refused.Count == 0);
        }

        void Note(StoreOutcome outcome)
        {
            switch (outcome.Status)
            {
                case StoreStatus.Stored:
                    _sent++;
                    break;
                case StoreStatus.StoredWithWarning:
                    _sent++;
                    context.Messages.Line($"sent {outcome.Path}, but {outcome.Reason}");
                    break;
                case StoreStatus.NotDicom:
                    _notDicom++;
                    context.Messages.Line($"skipped {outcome.Path}: {outcome.Reason}");
                    break;
                default:
                    _refused.Add(outcome);
                    context.Messages.Line($"refused {outcome.Path}: {outcome.Reason}");
                    break;
            }
        }
    }
}
