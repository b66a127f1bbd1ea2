namespace SecureStore.Client.Storing;

/// <summary>The files of one request: up to 50, up to 64 MB together (a larger one alone), no SOP Instance UID twice.</summary>
sealed class StoreBatch
{
    public const int MostFiles = 50;
    public const long MostBytes = 64_000_000;

    readonly List<StoreFile> _files = [];
    readonly HashSet<string> _uids = new(StringComparer.Ordinal);
    long _bytes;

    public bool IsEmpty => _files.Count == 0;

    public bool Takes(StoreFile file) =>
        _files.Count < MostFiles
        && (_files.Count == 0 || _bytes + file.Length <= MostBytes)
        && (file.SopInstanceUid is null || !_uids.Contains(file.SopInstanceUid));

    public void Add(StoreFile file)
    {
        _files.Add(file);
        _bytes += file.Length;
        if (file.SopInstanceUid is not null)
        {
            _uids.Add(file.SopInstanceUid);
        }
    }

    /// <summary>Takes the files out.</summary>
    public IReadOnlyList<StoreFile> Drain()
    {
        StoreFile[] files = [.. _files];
        _files.Clear();
        _uids.Clear();
        _bytes = 0;
        return files;
    }
}
