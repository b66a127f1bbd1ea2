using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>The .dcm files that come with pydicom, stored once for each mode, when the first test asks.</summary>
public sealed class PydicomStores(Archives archives) : IAsyncDisposable
{
    private readonly Dictionary<Mode, PydicomStore> stores = [];

    /// <summary>
    /// No archive holds two files of one study or of one SOP Instance UID: embedded ones are as many as that takes, and the cluster holds the
    /// files that the first of them does.
    /// </summary>
    internal async Task<PydicomStore> InAsync(Mode mode)
    {
        if (stores.TryGetValue(mode, out var store))
        {
            return store;
        }

        var paths = (await Pydicom.FilesAsync()).Where(path => path.EndsWith(".dcm", StringComparison.Ordinal)).ToArray();
        Assert.True(paths.Length > 80);
        var identified = JsonSerializer.Deserialize<Dictionary<string, string?[]?>>(
            await Pydicom.RunAsync("identify", JsonSerializer.SerializeToUtf8Bytes(paths)))!;
        var groups = Groups(identified);
        stores.Add(mode, store = new PydicomStore());
        foreach (var group in mode == Mode.Embedded ? groups : groups[..1])
        {
            var archive = await archives.StartAsync(mode);
            await archive.Client.WithTokenAsync();
            await store.StoreAsync(archive, group.Select(path => (path, identified[path])));
        }

        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores.Values)
        {
            await store.DisposeAsync();
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
}

/// <summary>Files in archives of one mode.</summary>
internal sealed class PydicomStore : IAsyncDisposable
{
    private readonly List<Archive> archives = [];
    private readonly List<StoredFile> files = [];

    public IEnumerable<StoredFile> Sent => files;

    public IEnumerable<StoredFile> Stored => files.Where(file => file.Refusal is null);

    public IEnumerable<StoredFile> Refused => files.Where(file => file.Refusal is not null);

    /// <param name="archive">Goes with this from here on.</param>
    /// <param name="identified">Paths, with the UIDs that pydicom reads there.</param>
    public async Task StoreAsync(Archive archive, IEnumerable<(string Path, string?[]? Uids)> identified)
    {
        archives.Add(archive);
        foreach (var (path, uids) in identified)
        {
            files.Add(await StoreAsync(archive.Client, path, uids));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var archive in archives)
        {
            await archive.DisposeAsync();
        }
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
