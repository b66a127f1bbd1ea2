namespace SecureStore.Dicom.Tests;

/// <summary>Files of the repository, found from where the tests run.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static IEnumerable<string[]> Table(string relative) =>
        File.ReadLines(PathOf(relative))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SecureStore.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
