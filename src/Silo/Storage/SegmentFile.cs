using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage;

/// <summary>A segment that this process writes: created here, never one that was found.</summary>
internal sealed class SegmentFile
{
    /// <summary>Bytes after which the medium is told to begin.</summary>
    private const long FlushAhead = 4 << 20;

    private readonly SegmentLayout layout;
    private readonly SharedFile file;
    private readonly GroupFlush flush;
    private readonly bool isDirect;
    private long length;
    private long written;
    private int left;
    private volatile bool named;
    private volatile bool failed;
    private volatile bool deleted;

    private SegmentFile(SegmentLayout layout, StudyHandle study, bool pastCache)
    {
        this.layout = layout;
        Study = study;
        Durable.CreateFolder(layout.Folder(study));
        file = new SharedFile(File.OpenHandle(
            layout.File(study, Segment), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        isDirect = pastCache && DirectFile.TrySet(file.Handle);
        flush = new GroupFlush(() =>
        {
            Flush();
            return Task.CompletedTask;
        });
        StorageMetrics.OpenSegments.Add(1);
    }

    public StudyHandle Study { get; }

    public SegmentId Segment { get; } = SegmentId.New();

    /// <summary>Bytes reserved so far.</summary>
    public long Length => Interlocked.Read(ref length);

    /// <summary>Timestamp of the last append, kept by the store.</summary>
    public long LastUsed { get; set; }

    /// <summary>True once a flush has failed: what was written before may be lost, and no later flush may claim otherwise.</summary>
    public bool Failed => failed;

    /// <exception cref="IOException">No file could be made.</exception>
    public static SegmentFile Create(SegmentLayout layout, StudyHandle study, bool pastCache) => new(layout, study, pastCache);

    public bool TryAcquire() => file.TryAcquire();

    public void Release() => file.Release();

    /// <summary>Reserves room at the end, whole blocks where it is written so. Where the write then fails, it stays a gap that nothing points to.</summary>
    /// <returns>The offset in bytes.</returns>
    public long Reserve(int bytes)
    {
        var room = isDirect ? BlockMemory.Whole(bytes) : bytes;
        return Interlocked.Add(ref length, room) - room;
    }

    /// <summary>
    /// Writes whole, from the beginning of a block on, at an offset that is the caller's alone. The medium begins with it before the
    /// flush is asked for. Outside Windows the asynchronous call would write on a thread of the pool in just this way, and cost two
    /// hand-overs besides.
    /// </summary>
    public void Write(ReadOnlyMemory<byte> bytes, long offset)
    {
        if (isDirect)
        {
            DirectFile.Write(file.Handle, bytes, offset);
            return;
        }

        RandomAccess.Write(file.Handle, bytes.Span, offset);
        if (Interlocked.Add(ref written, bytes.Length) >= FlushAhead)
        {
            Interlocked.Exchange(ref written, 0);
            Durable.BeginFlush(file.Handle, 0, offset + bytes.Length);
        }
    }

    /// <summary>Makes all that has been written durable, and the segment's name with it.</summary>
    /// <exception cref="ObjectMissingException">The segment has been deleted.</exception>
    /// <exception cref="IOException">The medium fails.</exception>
    public async Task FlushAsync()
    {
        if (failed)
            throw EarlierFailure();
        if (!file.TryAcquire())
        {
            FlushClosed(layout, Study, Segment);
            return;
        }

        try
        {
            await flush.RunAsync().ConfigureAwait(false);
        }
        catch (IOException) when (deleted)
        {
            throw new ObjectMissingException(Segment);
        }
        finally
        {
            file.Release();
        }

        if (deleted)
            throw new ObjectMissingException(Segment);
    }

    /// <summary>Makes a segment that nobody writes any more durable.</summary>
    public static void FlushClosed(SegmentLayout layout, StudyHandle study, SegmentId segment)
    {
        try
        {
            Durable.FlushFile(layout.File(study, segment));
            Durable.FlushFolder(layout.Folder(study));
        }
        catch (Exception e) when (StorageFaults.IsMissing(e))
        {
            throw new ObjectMissingException(segment);
        }
    }

    /// <summary>Gives up the share that came with its creation; the file closes when those who use it are done.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref left, 1) != 0)
            return;
        StorageMetrics.OpenSegments.Add(-1);
        file.Release();
    }

    /// <summary>From now on no flush succeeds.</summary>
    public void MarkDeleted() => deleted = true;

    /// <summary>Removes the file; its name may come back after a loss of power, pointed to by nothing.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    public void Delete()
    {
        Leave();
        if (!deleted && Directory.Exists(layout.Folder(Study)))
            File.Delete(layout.File(Study, Segment));
        MarkDeleted();
    }

    private void Flush()
    {
        if (failed)
            throw EarlierFailure();
        try
        {
            RandomAccess.FlushToDisk(file.Handle);
            if (named)
                return;
            Durable.FlushFolder(layout.Folder(Study));
            Durable.FlushFolder(layout.Shelf(Study));
            named = true;
        }
        catch
        {
            failed = true;
            throw;
        }
    }

    private static IOException EarlierFailure() => new("An earlier flush of this segment failed.");
}
