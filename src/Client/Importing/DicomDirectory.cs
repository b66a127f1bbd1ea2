using System.Runtime.CompilerServices;
using SecureStore.Dicom;

namespace SecureStore.Client.Importing;

/// <summary>
/// The files that a DICOMDIR names (PS3.3 F.3.2.2): those of its records in use. A Referenced File ID leads downwards from the DICOMDIR's
/// folder: one that would lead elsewhere, or by a link, is a problem and no file.
/// </summary>
static class DicomDirectory
{
    /// <summary>PS3.10 8.2: a file ID has at most 8 components.</summary>
    const int MostComponents = 8;

    /// <summary>Record In-use Flag (0004,1410): the record is not in use.</summary>
    const int NotInUse = 0;

    /// <summary>The whole of a DICOMDIR is read: those of half a million images have about as much.</summary>
    static readonly DicomReadOptions Options = new() { MaxHeaderBytes = 256L * 1024 * 1024, MaxElements = 10_000_000 };

    /// <param name="path">The DICOMDIR.</param>
    /// <param name="problem">Told what cannot be taken, and why.</param>
    /// <param name="cancellation">Breaks off.</param>
    public static async IAsyncEnumerable<string> FilesAsync(
        string path, Action<string, string> problem, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (await ReadAsync(path, problem, cancellation).ConfigureAwait(false) is not { } directory)
        {
            yield break;
        }

        foreach (var record in directory.GetSequence(DicomTag.DirectoryRecordSequence)?.Items ?? [])
        {
            var id = record.GetStrings(DicomTag.ReferencedFileID);
            if (id.Length == 0 || (record.TryGetInt32(DicomTag.RecordInUseFlag, out var flag) && flag == NotInUse))
            {
                continue;
            }

            if (Resolve(folder, id) is { } file)
            {
                yield return file;
            }
            else
            {
                problem(path, "it names a file outside its folder, or one that is not there: " + string.Join('/', id));
            }
        }
    }

    /// <summary>The file of that ID below the folder; null where there is none.</summary>
    internal static string? Resolve(string folder, IReadOnlyList<string> id)
    {
        if (id.Count > MostComponents || !id.All(IsName))
        {
            return null;
        }

        FileSystemInfo place = new DirectoryInfo(folder);
        for (var i = 0; i < id.Count; i++)
        {
            if (Find(place.FullName, id[i], isFile: i == id.Count - 1) is not { } next || (next.Attributes & FileAttributes.ReparsePoint) != 0)
            {
                return null;
            }

            place = next;
        }

        return place.FullName;
    }

    /// <summary>More than PS3.10 8.5 allows, as devices write it; but one name, and none that leads upwards.</summary>
    static bool IsName(string component) =>
        component is not ("" or "." or "..") && component.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    /// <summary>By its name, or by its name in small letters: so are CDs often mounted.</summary>
    static FileSystemInfo? Find(string folder, string name, bool isFile)
    {
        foreach (var spelling in (string[])[name, name.ToLowerInvariant()])
        {
            var path = Path.Combine(folder, spelling);
            FileSystemInfo found = isFile ? new FileInfo(path) : new DirectoryInfo(path);
            if (found.Exists)
            {
                return found;
            }
        }

        return null;
    }

    static async Task<DicomDataset?> ReadAsync(string path, Action<string, string> problem, CancellationToken cancellation)
    {
        try
        {
            var file = await DicomFile.OpenAsync(path, Options, cancellation).ConfigureAwait(false);
            if (file.FileMeta.GetString(DicomTag.MediaStorageSOPClassUID) == DicomUID.MediaStorageDirectoryStorage.UID)
            {
                return file.Dataset;
            }

            problem(path, "it is no DICOMDIR, though it is called so");
        }
        catch (DicomDataException e)
        {
            problem(path, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem(path, "it cannot be read");
        }

        return null;
    }
}
