using SecureStore.Client.Files;

namespace SecureStore.Client.Storing;

/// <summary>A DICOM file that is to be sent.</summary>
sealed record StoreFile(string Path, long Length, string? SopInstanceUid)
{
    /// <summary>Opens the file and looks at its beginning: either it is to be sent, or its outcome is known already.</summary>
    public static (StoreFile? File, StoreOutcome? Outcome) Look(string path)
    {
        try
        {
            if (new FileInfo(path).Length == 0)
            {
                return (null, new StoreOutcome(path, StoreStatus.NotDicom, "it is empty"));
            }

            using var stream = File.OpenRead(path);
            return DicomPeek.Read(stream) is { } identity
                ? (new StoreFile(path, stream.Length, identity.Instance), null)
                : (null, new StoreOutcome(path, StoreStatus.NotDicom, "it is not a DICOM file"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new StoreOutcome(path, StoreStatus.Unreadable, "it cannot be read"));
        }
    }
}
