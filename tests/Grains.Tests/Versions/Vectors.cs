using SecureStore.Contracts;
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

    private static readonly string Folder = RepositoryFiles.PathOf("tests/vectors/v1");

    public static JsonObject Read(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject();

    public static void Write(string name, JsonObject vectors)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(PathOf(name), vectors.ToJsonString(Indented) + "\n");
    }

    private static string PathOf(string name) => Path.Combine(Folder, name + ".json");
}
