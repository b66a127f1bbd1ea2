namespace SecureStore.Contracts;

/// <summary>The repository that the tests were built from, found from where they run.</summary>
public static class RepositoryFiles
{
    private static readonly string Root = Find();

    /// <param name="relative">A path from the root; forward slashes.</param>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>The rows of a table of tab-separated columns, without empty lines and those that begin with #.</summary>
    public static IEnumerable<string[]> Table(string relative) =>
        File.ReadLines(PathOf(relative)).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t'));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SecureStore.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder.FullName;
    }
}
