using System.Runtime.CompilerServices;
using SecureStore.Client.Files;
using SecureStore.Client.Storing;

namespace SecureStore.Client.Importing;

/// <summary>Files and folders, and DICOMDIRs with what they name.</summary>
sealed class FolderSource(IReadOnlyList<string> paths) : IImportSource
{
    readonly Dictionary<string, Gathered> _studies = new(StringComparer.Ordinal);

    public string Name => "files";

    public async Task<IReadOnlyList<SourceStudy>> StudiesAsync(Action<string, string> problem, CancellationToken cancellation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            await foreach (var file in FilesAsync(path, problem, cancellation).ConfigureAwait(false))
            {
                cancellation.ThrowIfCancellationRequested();
                if (seen.Add(Path.GetFullPath(file)))
                {
                    Gather(file, problem);
                }
            }
        }

        return [.. _studies.Select(one => new SourceStudy(one.Key.Length > 0 ? one.Key : null, [.. one.Value.Dates], [.. one.Value.Modalities], one.Value.Paths.Count, []))];
    }

    public Task<SourceStudy> OpenAsync(SourceStudy study, CancellationToken cancellation) => Task.FromResult(study with
    {
        Instances = [.. _studies[study.Uid ?? ""].Paths.Select(path => new SourceInstance(path, WordsOf(path)))],
    });

    public async IAsyncEnumerable<FetchedInstance> FetchAsync(
        SourceStudy study, IReadOnlyList<SourceInstance> instances, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var instance in instances)
        {
            cancellation.ThrowIfCancellationRequested();
            var (file, outcome) = StoreFile.Look(instance.Name);
            yield return new FetchedInstance(instance, file, outcome);
        }
    }

    public ValueTask DisposeAsync() => default;

    static async IAsyncEnumerable<string> FilesAsync(string path, Action<string, string> problem, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Path.GetFileName(path).Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase) && File.Exists(path))
        {
            await foreach (var file in DicomDirectory.FilesAsync(path, problem, cancellation).ConfigureAwait(false))
            {
                yield return file;
            }

            yield break;
        }

        foreach (var file in FileFinder.Find(path, folder => problem(folder, "it cannot be read")))
        {
            yield return file;
        }
    }

    void Gather(string path, Action<string, string> problem)
    {
        if (!File.Exists(path))
        {
            problem(path, "there is no such file");
            return;
        }

        // What is no DICOM, or cannot be read, is found to be so when its turn comes.
        var identity = StoreFile.Look(path).File?.Identity ?? DicomIdentity.Unknown;
        var study = DicomIdentity.IsUid(identity.Study) ? identity.Study! : "";
        if (!_studies.TryGetValue(study, out var gathered))
        {
            _studies.Add(study, gathered = new Gathered());
        }

        gathered.Paths.Add(path);
        if (study.Length > 0)
        {
            gathered.Dates.Add(identity.StudyDate ?? "");
            gathered.Modalities.Add(identity.Modality ?? "");
        }
    }

    /// <summary>A file that has gone since is not in the journal, and then cannot be read.</summary>
    static string[] WordsOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? StoreJournal.Of(file) : [];
    }

    sealed class Gathered
    {
        public List<string> Paths { get; } = [];

        public HashSet<string> Dates { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Modalities { get; } = new(StringComparer.Ordinal);
    }
}
