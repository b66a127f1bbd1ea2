using System.CommandLine;
using System.Text.Json;
using SecureStore.Client.Dimse;
using SecureStore.Client.Files;
using SecureStore.Client.Importing;
using SecureStore.Client.Storing;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Commands;

/// <summary><c>pull</c>: studies of another archive, to where it can send them (C-MOVE) or into a folder (C-GET).</summary>
static class PullCommand
{
    const string Archive = "SECURESTORE";

    public static Command Create(CommandContext context)
    {
        var from = new Option<string>("--from") { Description = "Where the other archive takes associations.", HelpName = "HOST:PORT", Required = true };
        var to = new Option<string?>("--to")
        {
            Description = $"The AE title that the other archive is to send to; it must know its address. Default: {Archive}, this archive's own.",
            HelpName = "AE",
        };
        var folder = new Option<string?>("--output", "-o")
        {
            Description = "A folder to fetch into instead: study/series/instance.dcm below it. Only you can open what is written.",
            HelpName = "DIR",
        };
        var peers = new PeerOptions(context);
        var filter = new StudyFilter();
        var command = new Command("pull", "Have another archive send studies (C-FIND, then C-MOVE), or fetch them into a folder (C-GET).") { from, to, folder };
        peers.AddTo(command);
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (destination, directory) = (parsed.GetValue(to), parsed.GetValue(folder));
            if (destination is not null && directory is not null)
            {
                throw new UsageException("--to and --output exclude one another");
            }

            var source = new DimseSource(peers.Peer(parsed, parsed.GetValue(from)!, takesToken: true), filter.Of(parsed), null);
            await using (source.ConfigureAwait(false))
            {
                var run = new Run(context, source);
                await (directory is null
                    ? run.MoveAsync(PeerOptions.Title(destination ?? Archive, "--to"), cancellation)
                    : run.GetAsync(directory, cancellation)).ConfigureAwait(false);
                return run.Finish(parsed.GetValue(context.Json));
            }
        });
        return command;
    }

    sealed class Run(CommandContext context, DimseSource source)
    {
        Action<double, string> _show = (_, _) => { };
        int _listed;
        int _studies;
        int _pulled;
        int _failed;

        public Task MoveAsync(string destination, CancellationToken cancellation) => WithStudiesAsync(
            async study =>
            {
                var result = await source.MoveAsync(study.Uid!, destination, told => Show(told.Completed), cancellation).ConfigureAwait(false);
                _pulled += result.Completed + result.Warnings;
                _failed += result.Failed;
                if (result.Status != DicomStatus.Success && !(result.Status == DicomStatus.SubOperationsWithFailures && result.Failed == 0))
                {
                    _failed += result.Failed == 0 ? 1 : 0;
                    context.Messages.Line($"study {study.Uid} was not sent whole: {RetrieveReasons.Of(result)}");
                }
            },
            cancellation);

        public Task GetAsync(string folder, CancellationToken cancellation) => WithStudiesAsync(
            async listed =>
            {
                PrivateFiles.CreateFolder(folder);
                var study = await source.OpenAsync(listed, cancellation).ConfigureAwait(false);
                foreach (var problem in study.Problems)
                {
                    Refused(study.Uid!, problem);
                }

                foreach (var part in study.Instances.Chunk(StoreBatch.MostFiles))
                {
                    await foreach (var fetched in source.FetchAsync(study, part, cancellation).ConfigureAwait(false))
                    {
                        using (fetched)
                        {
                            await SaveAsync(folder, fetched, cancellation).ConfigureAwait(false);
                        }
                    }
                }
            },
            cancellation);

        public int Finish(bool json)
        {
            if (json)
            {
                context.Results.Json(JsonSerializer.Serialize(new { studies = _studies, pulled = _pulled, failed = _failed }));
            }
            else
            {
                context.Results.Line($"studies {_studies}, pulled {_pulled}, failed {_failed}");
            }

            return SecureStoreCommand.ExitCode(_failed == 0);
        }

        async Task WithStudiesAsync(Func<SourceStudy, Task> work, CancellationToken cancellation) => await context.Messages.WithShareAsync(async show =>
        {
            _show = show;
            show(0, "looking");
            var studies = await source.StudiesAsync(Refused, cancellation).ConfigureAwait(false);
            _listed = studies.Count;
            foreach (var study in studies)
            {
                await work(study).ConfigureAwait(false);
                _studies++;
                Show();
            }
        }).ConfigureAwait(false);

        void Refused(string name, string reason)
        {
            _failed++;
            context.Messages.Line($"refused {name}: {reason}");
        }

        void Show(int more = 0) => _show(_studies / (double)_listed, $"{_studies}/{_listed} studies, {_pulled + more} instances");

        async Task SaveAsync(string folder, FetchedInstance fetched, CancellationToken cancellation)
        {
            var (name, identity) = (fetched.Source, fetched.File?.Identity);
            if (fetched.File is not { } file || name.Name != $"{identity!.Study}/{identity.Series}/{identity.Instance}")
            {
                Refused(name.Name, fetched.Outcome?.Reason ?? "what came is another instance");
                return;
            }

            // Its names were UIDs when it was listed.
            var directory = Path.Combine(folder, identity.Study!, identity.Series!);
            PrivateFiles.CreateFolder(directory);
            var temporary = Path.Combine(directory, $".securestore-{Guid.NewGuid():N}.part");
            try
            {
                var output = PrivateFiles.Open(temporary, FileMode.CreateNew);
                await using (output.ConfigureAwait(false))
                {
                    using var input = file.Open();
                    await input.CopyToAsync(output, cancellation).ConfigureAwait(false);
                }

                File.Move(temporary, Path.Combine(directory, identity.Instance + ".dcm"), overwrite: true);
                _pulled++;
                Show();
            }
            finally
            {
                File.Delete(temporary);
            }
        }
    }
}
