using SecureStore.Contracts;

namespace SecureStore.EndToEnd;

/// <summary>Where the programs under test are.</summary>
internal static class Repository
{
    public static string Root { get; } = RepositoryFiles.PathOf("");

    /// <summary>Debug or Release: that of this test program.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string SiloProgram => Path.Combine(Root, "src", "Silo", "bin", Configuration, "net10.0", "SecureStore.Silo.dll");

    public static string ClientProgram => Path.Combine(Root, "src", "Client", "bin", Configuration, "net10.0", "securestore.dll");
}
