using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Open page keys, at most so many, each known by the page and the key's id. A page has one at a time: another key id puts
/// the old key out, and a row older than the one last seen brings none back.
/// </summary>
internal sealed class PageKeys(int capacity) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, Entry> pages = [];
    private readonly Queue<Guid> order = [];

    /// <summary>The pages whose keys are open, with the ids of the keys.</summary>
    public IReadOnlyList<(Guid Page, Guid KeyId)> Open
    {
        get
        {
            lock (gate)
                return [.. pages.Where(page => page.Value.Key is not null).Select(page => (page.Key, page.Value.KeyId))];
        }
    }

    /// <summary>A copy of the page's key, which the caller disposes, or null.</summary>
    public SecretKey? Find(Guid page, Guid keyId)
    {
        lock (gate)
            return pages.TryGetValue(page, out var entry) && entry.KeyId == keyId && entry.Key is { } key ? SecretKey.Copy(key) : null;
    }

    public void Add(VaultRow page, SecretKey key)
    {
        lock (gate)
        {
            if (!pages.TryGetValue(page.Id, out var known) || known.Version <= page.Version)
                Put(page.Id, new Entry(page.Version, page.KeyId, SecretKey.Copy(key)));
        }
    }

    /// <summary>Drops a key that the page had before this version of its row.</summary>
    public void Forget(Guid page, long version)
    {
        lock (gate)
        {
            if (!pages.TryGetValue(page, out var known) || known.Version < version)
                Put(page, new Entry(version, Guid.Empty, null));
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var entry in pages.Values)
                entry.Key?.Dispose();
            pages.Clear();
            order.Clear();
        }
    }

    private void Put(Guid page, Entry entry)
    {
        if (pages.Remove(page, out var old))
            old.Key?.Dispose();
        else
            order.Enqueue(page);
        pages[page] = entry;
        if (order.Count > capacity && pages.Remove(order.Dequeue(), out var oldest))
            oldest.Key?.Dispose();
    }

    private readonly record struct Entry(long Version, Guid KeyId, SecretKey? Key);
}
