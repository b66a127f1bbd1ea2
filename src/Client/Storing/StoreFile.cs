using SecureStore.Client.Files;

namespace SecureStore.Client.Storing;

/// <summary>A DICOM file that is to be sent.</summary>
/// <param name="Path">Its name: its path, where it has one.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Identity">What it says of itself.</param>
/// <param name="Open">Opens it for reading, as often as it is sent.</param>
sealed record StoreFile(string Path, long Length, DicomIdentity Identity, Func<Stream> Open)
{
    public string? SopInstanceUid => Identity.Instance;

    /// <summary>Opens the file and looks at its beginning: either it is to be sent, or its outcome is known already.</summary>
    public static (StoreFile? File, StoreOutcome? Outcome) Look(string path)
    {
        try
        {
            return new FileInfo(path).Length == 0
                ? (null, new StoreOutcome(path, StoreStatus.NotDicom, "it is empty"))
                : Look(path, () => OpenFile(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new StoreOutcome(path, StoreStatus.Unreadable, "it cannot be read"));
        }
    }

    /// <summary>As <see cref="Look(string)"/>, of what has no path.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (StoreFile? File, StoreOutcome? Outcome) Look(string name, Func<Stream> open)
    {
        using var stream = new BufferedStream(open());
        return DicomPeek.Read(stream) switch
        {
            null => (null, new StoreOutcome(name, StoreStatus.NotDicom, "it is not a DICOM file")),
            { IsDirectory: true } => (null, new StoreOutcome(name, StoreStatus.NotDicom, "it is a DICOMDIR, which names files and holds none")),
            var identity => (new StoreFile(name, stream.Length, identity, open), null),
        };
    }

    static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
