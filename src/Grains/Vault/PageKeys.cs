namespace SecureStore.Grains.Vault;

/// <summary>
/// Open page keys, at most so many, each known by the page and the key's id. A page has one at a time: another key id puts
/// the old key out.
/// </summary>
internal sealed class PageKeys(int capacity) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, (Guid KeyId, SecretKey Key)> pages = [];
    private readonly Queue<Guid> order = [];

    /// <summary>A copy of the page's key, which the caller disposes, or null.</summary>
    public SecretKey? Find(Guid page, Guid keyId)
    {
        lock (gate)
            return pages.TryGetValue(page, out var entry) && entry.KeyId == keyId ? SecretKey.Copy(entry.Key) : null;
    }

    public void Add(Guid page, Guid keyId, SecretKey key)
    {
        lock (gate)
        {
            if (pages.Remove(page, out var old))
                old.Key.Dispose();
            else
                order.Enqueue(page);
            pages[page] = (keyId, SecretKey.Copy(key));
            if (order.Count > capacity && pages.Remove(order.Dequeue(), out var oldest))
                oldest.Key.Dispose();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var (_, key) in pages.Values)
                key.Dispose();
            pages.Clear();
            order.Clear();
        }
    }
}
