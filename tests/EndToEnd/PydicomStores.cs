using System.Collections.Concurrent;
using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>The .dcm files that come with pydicom, in archives each of which holds no two files of one study or of one SOP Instance UID.</summary>
public sealed class PydicomStores : IAsyncLifetime
{
    private readonly List<InProcessArchive> archives = [];
    private readonly ConcurrentBag<StoredFile> files = [];

    internal IEnumerable<StoredFile> Stored => files.Where(file => file.Refusal is null);

    internal IEnumerable<StoredFile> Refused => files.Where(file => file.Refusal is not null);

    public async ValueTask InitializeAsync()
    {
        var paths = (await Pydicom.FilesAsync()).Where(path => path.EndsWith(".dcm", StringComparison.Ordinal)).ToArray();
        Assert.True(paths.Length > 80);
        var identified = JsonSerializer.Deserialize<Dictionary<string, string?[]?>>(
            await Pydicom.RunAsync("identify", JsonSerializer.SerializeToUtf8Bytes(paths)))!;
        foreach (var group in Groups(identified))
        {
            var archive = await InProcessArchive.StartAsync();
            archives.Add(archive);
            await archive.Client.WithTokenAsync();
            foreach (var path in group)
            {
                files.Add(await StoreAsync(archive.Client, path, identified[path]));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var archive in archives)
        {
            await archive.DisposeAsync();
        }
    }

    private static List<List<string>> Groups(Dictionary<string, string?[]?> identified)
    {
        var groups = new List<(HashSet<string> Uids, List<string> Paths)>();
        foreach (var (path, uids) in identified.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var (study, instance) = (uids?[0] ?? path, uids?[2] ?? path);
            var group = groups.FirstOrDefault(one => !one.Uids.Contains(study) && !one.Uids.Contains(instance));
            if (group.Uids is null)
            {
                groups.Add(group = ([], []));
            }

            group.Uids.UnionWith([study, instance]);
            group.Paths.Add(path);
        }

        return [.. groups.Select(group => group.Paths)];
    }

    private static async Task<StoredFile> StoreAsync(ArchiveClient client, string path, string?[]? uids)
    {
        var bytes = await File.ReadAllBytesAsync(path);
        var (status, response) = await client.StoreAsync(null, bytes);
        if (status == 200)
        {
            var address = response.GetProperty("00081199").GetProperty("Value")[0].GetProperty("00081190").GetProperty("Value")[0].GetString()!;
            return new StoredFile(client, path, bytes, uids, new Uri(address).AbsolutePath, null);
        }

        Assert.Equal(409, status);
        var failed = response.TryGetProperty("00081198", out var named) ? named : response.GetProperty("0008119A");
        var item = Assert.Single(failed.GetProperty("Value").EnumerateArray());
        Assert.NotEqual(0, item.GetProperty("00081197").GetProperty("Value")[0].GetInt32());
        return new StoredFile(client, path, bytes, uids, null, item.GetProperty("00000902").GetProperty("Value")[0].GetString());
    }
}

/// <param name="Client">The archive that has it, or has refused it.</param>
/// <param name="Uids">Study, Series and SOP Instance UID as pydicom reads them, null where it cannot.</param>
/// <param name="Address">Its path in the archive.</param>
/// <param name="Refusal">Why it was refused.</param>
internal sealed record StoredFile(ArchiveClient Client, string Path, byte[] Bytes, string?[]? Uids, string? Address, string? Refusal)
{
    public string Name => Path[(Path.LastIndexOf("/data/", StringComparison.Ordinal) + "/data/".Length)..];
}
