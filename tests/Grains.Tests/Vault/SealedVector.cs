using SecureStore.Contracts;
using System.Text.Json.Nodes;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

/// <summary>A test vector of docs/sealed-format.md.</summary>
public sealed record SealedVector(byte[] Key, ObjectPart Part, int ChunkSize, byte[] ObjectId, byte[] Plain, byte[]? Sealed, byte[]? SealedSha256)
{
    private static readonly string Folder = RepositoryFiles.PathOf("tests/vectors/sealed");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    public static SealedVector Read(string name)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;
        return new SealedVector(
            Hex("key")!,
            (ObjectPart)(int)json["part"]!,
            (int)json["chunkSize"]!,
            Hex("objectId")!,
            Hex("plain") ?? [.. Enumerable.Range(0, (int)json["plainLength"]!).Select(i => (byte)(i % 251))],
            Hex("sealed"),
            Hex("sealedSha256"));

        byte[]? Hex(string field) => json[field] is { } value ? Convert.FromHexString((string)value!) : null;
    }
}
