using System.Text.Json;
using SecureStore.Client.Storing;

namespace SecureStore.Client.Commands;

/// <summary>One run of <c>store</c>, and what became of its files.</summary>
sealed class StoreRun(CommandContext context, Uri archive, StoreJournal journal, bool again)
{
    readonly Dictionary<string, (string Key, long Length)> _files = new(StringComparer.Ordinal);
    readonly List<StoreOutcome> _refused = [];
    int _stored;
    int _before;
    int _notDicom;

    public bool AllWell => _refused.Count == 0;

    public async Task StoreAsync(SecureStoreClient client, IEnumerable<string> paths, CancellationToken cancellation)
    {
        var (files, bytes) = Find(paths, cancellation);
        if (files.Count == 0)
        {
            return;
        }

        try
        {
            await context.Messages.WithProgressAsync(bytes, files.Count, async progress =>
            {
                await foreach (var outcome in client.StoreAsync(files, progress, cancellation).ConfigureAwait(false))
                {
                    Note(outcome);
                    if (outcome.Status == StoreStatus.NotDicom)
                    {
                        progress.Report(_files[outcome.Path].Length); // It counts as done, though it was not sent.
                    }

                    progress.FileDone();
                }
            }).ConfigureAwait(false);
        }
        finally
        {
            journal.Flush();
        }
    }

    public void WriteSummary(bool json)
    {
        if (_before > 0)
        {
            context.Messages.Line($"{_before} files were acknowledged in an earlier run and not sent; --again sends them.");
        }

        if (json)
        {
            var refused = _refused.Select(r => new { path = r.Path, reason = r.Reason });
            context.Results.Json(JsonSerializer.Serialize(new { stored = _stored, stored_before = _before, not_dicom = _notDicom, refused }));
        }
        else
        {
            context.Results.Line($"stored {_stored}, stored before {_before}, not DICOM {_notDicom}, refused {_refused.Count}");
        }
    }

    (List<string> Files, long Bytes) Find(IEnumerable<string> paths, CancellationToken cancellation)
    {
        var files = new List<string>();
        var bytes = 0L;
        foreach (var path in paths.SelectMany(p => FileFinder.Find(p, folder => Refuse(new StoreOutcome(folder, StoreStatus.Unreadable, "it cannot be read")))))
        {
            cancellation.ThrowIfCancellationRequested();
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                Refuse(new StoreOutcome(path, StoreStatus.Unreadable, "there is no such file"));
                continue;
            }

            var key = StoreJournal.Key(archive, file);
            if (!again && journal.Contains(key))
            {
                _before++;
            }
            else if (_files.TryAdd(path, (key, file.Length)))
            {
                files.Add(path);
                bytes += file.Length;
            }
        }

        return (files, bytes);
    }

    void Note(StoreOutcome outcome)
    {
        switch (outcome.Status)
        {
            case StoreStatus.Stored:
                Remember(outcome);
                break;
            case StoreStatus.StoredWithWarning:
                Remember(outcome);
                context.Messages.Line($"stored {outcome.Path}, but {outcome.Reason}");
                break;
            case StoreStatus.NotDicom:
                _notDicom++;
                context.Messages.Line($"skipped {outcome.Path}: {outcome.Reason}");
                break;
            default:
                Refuse(outcome);
                break;
        }
    }

    void Remember(StoreOutcome outcome)
    {
        _stored++;
        journal.Add(_files[outcome.Path].Key);
    }

    void Refuse(StoreOutcome outcome)
    {
        _refused.Add(outcome);
        context.Messages.Line($"refused {outcome.Path}: {outcome.Reason}");
    }
}
