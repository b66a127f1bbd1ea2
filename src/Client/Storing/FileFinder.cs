using System.IO.Enumeration;

namespace SecureStore.Client.Storing;

/// <summary>
/// Finds the files under a path, folders before their contents in the order of their names. Links to folders are not followed:
/// they may lead in circles.
/// </summary>
static class FileFinder
{
    /// <summary>The file itself, or all files in the folder and below.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="unreadable">Told each folder that cannot be listed.</param>
    public static IEnumerable<string> Find(string path, Action<string> unreadable)
    {
        if (!Directory.Exists(path))
        {
            yield return path;
            yield break;
        }

        var open = new Stack<string>([path]);
        while (open.TryPop(out var folder))
        {
            var (files, folders) = List(folder, unreadable);
            foreach (var file in files)
            {
                yield return file;
            }

            foreach (var below in Enumerable.Reverse(folders))
            {
                open.Push(below);
            }
        }
    }

    static (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) List(string folder, Action<string> unreadable)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        try
        {
            var entries = new FileSystemEnumerable<(string Path, bool IsFolder)>(
                folder, (ref FileSystemEntry entry) => (entry.ToSpecifiedFullPath(), entry.IsDirectory), options)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory || (entry.Attributes & FileAttributes.ReparsePoint) == 0,
            };
            var sorted = entries.OrderBy(e => e.Path, StringComparer.Ordinal).ToArray();
            return ([.. sorted.Where(e => !e.IsFolder).Select(e => e.Path)], [.. sorted.Where(e => e.IsFolder).Select(e => e.Path)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable(folder);
            return ([], []);
        }
    }
}
