using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>Keeps the segments that were read last open, up to a number of them.</summary>
internal sealed class SegmentReaders(SegmentLayout layout, int limit) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<(StudyHandle, SegmentId), LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = [];
    private long forgotten;

    /// <summary>A file with a share for the caller, who releases it.</summary>
    /// <exception cref="IOException">It is missing or cannot be opened.</exception>
    public SharedFile Open(StudyHandle study, SegmentId segment)
    {
        long before;
        lock (gate)
        {
            if (entries.TryGetValue((study, segment), out var node) && node.Value.File.TryAcquire())
            {
                byUse.Remove(node);
                byUse.AddFirst(node);
                return node.Value.File;
            }

            before = forgotten;
        }

        var file = new SharedFile(File.OpenHandle(
            layout.File(study, segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        lock (gate)
        {
            // A file opened while some study was deleted may be one that is gone: used this once, never kept.
            if (before == forgotten && !entries.ContainsKey((study, segment)) && file.TryAcquire())
                entries.Add((study, segment), byUse.AddFirst(new Entry(study, segment, file)));
            if (entries.Count > limit)
                Remove(byUse.Last!);
        }

        return file;
    }

    /// <summary>Closes what is open of a study, after its files have been unlinked.</summary>
    public void Forget(StudyHandle study)
    {
        lock (gate)
        {
            forgotten++;
            foreach (var node in entries.Values.Where(node => node.Value.Study == study).ToList())
                Remove(node);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            while (byUse.Last is { } node)
                Remove(node);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        byUse.Remove(node);
        entries.Remove((node.Value.Study, node.Value.Segment));
        node.Value.File.Release();
    }

    private sealed record Entry(StudyHandle Study, SegmentId Segment, SharedFile File);
}
