using System.Collections.Concurrent;
using System.Threading.Channels;
using SecureStore.Client.Files;
using SecureStore.Client.Output;
using SecureStore.Client.Storing;

namespace SecureStore.Client.Importing;

/// <summary>
/// One run of <c>import</c>: studies are listed, what is not in the journal is fetched in parts, judged by the retention rules, stored, read
/// back and compared, and then in the journal. Parts are worked on beside one another; what a part holds is bounded.
/// </summary>
sealed class ImportRun(SecureStoreClient archive, IImportSource source, StoreJournal journal, ImportReport report, Messages messages)
{
    const int PartsAtOnce = 4;

    readonly RetentionRules _rules = new(archive);
    readonly ReadBack _readBack = new(archive);
    readonly ConcurrentDictionary<ImportOutcome, int> _counts = new();
    Action<double, string> _show = (_, _) => { };
    int _before;
    long _done;
    long _expected; // What listings say, which may be anything.

    /// <summary>The archive's address, for the journal.</summary>
    public required Uri Archive { get; init; }

    /// <summary>Leaves the journal aside.</summary>
    public bool Again { get; init; }

    /// <summary>Imports also what has expired.</summary>
    public bool IncludesExpired { get; init; }

    /// <summary>What an earlier run has done.</summary>
    public int Before => _before;

    public bool AllWell => Count(ImportOutcome.Refused) == 0;

    public int Count(ImportOutcome outcome) => _counts.GetValueOrDefault(outcome);

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await messages.WithShareAsync(async show =>
            {
                _show = show;
                show(0, "looking");
                var studies = await source.StudiesAsync(Missing, cancellation).ConfigureAwait(false);
                _expected = studies.Sum(study => (long)study.Count);
                await ImportAsync(studies, cancellation).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        finally
        {
            journal.Flush();
            report.Flush();
        }
    }

    /// <summary>Studies are opened, and their parts imported, beside one another; where one end fails, the other stops.</summary>
    async Task ImportAsync(IReadOnlyList<SourceStudy> studies, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var parts = Channel.CreateBounded<Part>(PartsAtOnce);
        var options = new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = stop.Token };
        var opening = OpenAsync();
        try
        {
            await Parallel.ForEachAsync(parts.Reader.ReadAllAsync(stop.Token), options, async (part, token) => await ImportAsync(part, token).ConfigureAwait(false))
                .ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await opening.ConfigureAwait(false);
        }

        async Task OpenAsync()
        {
            Exception? failure = null;
            try
            {
                await Parallel.ForEachAsync(studies, options, async (study, token) =>
                {
                    foreach (var part in await PartsAsync(study, token).ConfigureAwait(false))
                    {
                        await parts.Writer.WriteAsync(part, token).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e; // It is thrown where the parts are read.
            }

            parts.Writer.Complete(failure);
        }
    }

    /// <summary>What there is to do of a study.</summary>
    async Task<IEnumerable<Part>> PartsAsync(SourceStudy listed, CancellationToken cancellation)
    {
        var study = await source.OpenAsync(listed, cancellation).ConfigureAwait(false);
        Interlocked.Add(ref _expected, study.Instances.Count - listed.Count);
        foreach (var problem in study.Problems)
        {
            Tell(ImportOutcome.Refused, study.Uid ?? source.Name, new DicomIdentity(study.Uid, null, null), problem);
        }

        var missing = study.Instances.Where(one => Again || !journal.Contains(Key(one))).ToArray();
        Interlocked.Add(ref _before, study.Instances.Count - missing.Length);
        Advance(study.Instances.Count - missing.Length);
        if (missing.Length == 0)
        {
            return [];
        }

        if (study.Uid is { } uid && await ExpiredAsync(study.Dates, study.Modalities, cancellation).ConfigureAwait(false) is { } expired)
        {
            foreach (var one in missing)
            {
                Note(ImportOutcome.Expired, one, new DicomIdentity(uid, one.Series, one.Uid), expired);
            }

            return [];
        }

        // What the archive has before anything of this run comes: that is found, not imported.
        var present = study.Uid is null ? [] : await PresentAsync(study.Uid, cancellation).ConfigureAwait(false);
        return missing.Chunk(StoreBatch.MostFiles).Select(instances => new Part(study, instances, present));
    }

    async Task<ConcurrentDictionary<string, bool>> PresentAsync(string study, CancellationToken cancellation)
    {
        var present = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await foreach (var one in archive.InstancesAsync(study, cancellation).ConfigureAwait(false))
        {
            present[one.Instance!] = true;
        }

        return present;
    }

    async Task ImportAsync(Part part, CancellationToken cancellation)
    {
        var batch = new StoreBatch();
        var held = new Dictionary<string, FetchedInstance>(StringComparer.Ordinal);
        try
        {
            await foreach (var fetched in source.FetchAsync(part.Study, part.Instances, cancellation).ConfigureAwait(false))
            {
                var keeps = false;
                try
                {
                    if (await JudgeAsync(part.Study, fetched, cancellation).ConfigureAwait(false) is not { } file)
                    {
                        continue;
                    }

                    if (!batch.Takes(file))
                    {
                        await StoreAsync(part, batch, held, cancellation).ConfigureAwait(false);
                    }

                    batch.Add(file);
                    held.Add(file.Path, fetched);
                    keeps = true;
                }
                finally
                {
                    if (!keeps)
                    {
                        fetched.Dispose();
                    }
                }
            }

            await StoreAsync(part, batch, held, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Release(held);
        }

        report.Flush();
    }

    /// <summary>The file, if it is to be stored; otherwise its outcome is noted.</summary>
    async Task<StoreFile?> JudgeAsync(SourceStudy study, FetchedInstance fetched, CancellationToken cancellation)
    {
        if (fetched.File is not { } file)
        {
            var outcome = fetched.Outcome!.Status == StoreStatus.NotDicom ? ImportOutcome.NotDicom : ImportOutcome.Refused;
            Note(outcome, fetched.Source, new DicomIdentity(study.Uid, fetched.Source.Series, fetched.Source.Uid), fetched.Outcome.Reason);
            return null;
        }

        var identity = file.Identity;
        if (!DicomIdentity.IsUid(identity.Study))
        {
            Note(ImportOutcome.Refused, fetched.Source, identity, "it does not say which study it is of");
        }
        else if (study.Uid != identity.Study || (fetched.Source.Uid is { } asked && asked != identity.Instance))
        {
            Note(ImportOutcome.Refused, fetched.Source, identity, "it is not what the source listed it as");
        }
        else if (await ExpiredAsync([identity.StudyDate], [.. study.Modalities, identity.Modality ?? ""], cancellation).ConfigureAwait(false) is { } expired)
        {
            Note(ImportOutcome.Expired, fetched.Source, identity, expired);
        }
        else
        {
            return file;
        }

        return null;
    }

    async Task StoreAsync(Part part, StoreBatch batch, Dictionary<string, FetchedInstance> held, CancellationToken cancellation)
    {
        var unsent = new List<StoreFile>();
        foreach (var file in batch.Drain())
        {
            if (part.Present.ContainsKey(file.SopInstanceUid ?? "") && await _readBack.DifferenceAsync(file, cancellation).ConfigureAwait(false) is null)
            {
                Done(ImportOutcome.Identical, held[file.Path].Source, file.Identity, null);
            }
            else
            {
                unsent.Add(file);
            }
        }

        foreach (var outcome in await archive.StoreAsync(unsent, null, cancellation).ConfigureAwait(false))
        {
            await CheckAsync(part, held[outcome.Path], outcome, cancellation).ConfigureAwait(false);
        }

        journal.Flush();
        Release(held);
    }

    /// <summary>What the archive said of an instance is worth what it gives back.</summary>
    async Task CheckAsync(Part part, FetchedInstance fetched, StoreOutcome outcome, CancellationToken cancellation)
    {
        var file = fetched.File!;
        if (!outcome.IsStored)
        {
            Note(ImportOutcome.Refused, fetched.Source, file.Identity, outcome.Reason);
        }
        else if (await _readBack.DifferenceAsync(file, cancellation).ConfigureAwait(false) is not { } difference)
        {
            var isNew = file.SopInstanceUid is { } uid && part.Present.TryAdd(uid, true);
            Done(isNew ? ImportOutcome.Imported : ImportOutcome.Identical, fetched.Source, file.Identity, outcome.Reason);
        }
        else if (outcome.Status == StoreStatus.StoredWithWarning && part.Present.ContainsKey(file.SopInstanceUid ?? ""))
        {
            Done(ImportOutcome.Identical, fetched.Source, file.Identity, outcome.Reason); // It was there in another transfer syntax.
        }
        else
        {
            Note(ImportOutcome.Refused, fetched.Source, file.Identity, difference);
        }
    }

    /// <summary>Why a study has expired; null where it has not, or is imported anyway.</summary>
    async Task<string?> ExpiredAsync(IEnumerable<string?> dates, IEnumerable<string> modalities, CancellationToken cancellation) =>
        !IncludesExpired && await _rules.ExpiredSinceAsync(dates, modalities, cancellation).ConfigureAwait(false) is { } due
            ? $"its retention period ended on {due}"
            : null;

    void Done(ImportOutcome outcome, SourceInstance instance, DicomIdentity identity, string? reason)
    {
        journal.Add(Key(instance));
        Note(outcome, instance, identity, reason);
    }

    void Note(ImportOutcome outcome, SourceInstance instance, DicomIdentity identity, string? reason)
    {
        Tell(outcome, instance.Name, identity, reason);
        Advance(1);
    }

    /// <summary>What the source names and does not have.</summary>
    void Missing(string name, string reason) => Tell(ImportOutcome.Refused, name, DicomIdentity.Unknown, reason);

    void Tell(ImportOutcome outcome, string name, DicomIdentity identity, string? reason)
    {
        _counts.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        report.Write(outcome, identity, name, reason);
        if (outcome == ImportOutcome.Refused)
        {
            messages.Line($"refused {name}: {reason}");
        }
    }

    void Advance(int count)
    {
        var done = Interlocked.Add(ref _done, count);
        _show(Math.Min(1, done / (double)Math.Max(1, _expected)), $"{done}/{Math.Max(done, _expected)} instances");
    }

    string Key(SourceInstance instance) => StoreJournal.Key(Archive, ["import", source.Name, .. instance.Words]);

    static void Release(Dictionary<string, FetchedInstance> held)
    {
        foreach (var one in held.Values)
        {
            one.Dispose();
        }

        held.Clear();
    }

    sealed record Part(SourceStudy Study, IReadOnlyList<SourceInstance> Instances, ConcurrentDictionary<string, bool> Present);
}
