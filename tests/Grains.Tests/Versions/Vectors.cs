using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecureStore.Grains.Tests.Versions;

/// <summary>
/// Bytes that a version wrote, under tests/vectors/v1. They are recorded once, by a run with SECURESTORE_RECORD_VECTORS=1, and from then on only read.
/// </summary>
internal static class Vectors
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static bool AreRecorded => Environment.GetEnvironmentVariable("SECURESTORE_RECORD_VECTORS") == "1";

    private static string Folder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "SecureStore.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
            }

            return Path.Combine(folder.FullName, "tests", "vectors", "v1");
        }
    }

    public static JsonObject Read(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject();

    public static void Write(string name, JsonObject vectors)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(PathOf(name), vectors.ToJsonString(Indented) + "\n");
    }

    private static string PathOf(string name) => Path.Combine(Folder, name + ".json");
}
