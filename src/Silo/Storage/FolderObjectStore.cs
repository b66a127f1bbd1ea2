using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>
/// Segments as files. Appends of a study go to its one open segment, whoever stores; a segment that was there at start
/// is never written again.
/// </summary>
public sealed class FolderObjectStore : IObjectStore, IAsyncDisposable
{
    private readonly SegmentLayout layout;
    private readonly SegmentLimits limits;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SegmentReaders readers;
    private readonly ITimer idle;
    private readonly bool pastCache;
    private readonly Lock gate = new();
    private readonly Dictionary<StudyHandle, SegmentFile> open = [];

    // Every segment whose bytes may not be durable yet, those whose last flush failed included.
    private readonly ConcurrentDictionary<SegmentId, SegmentFile> unsettled = new();

    /// <exception cref="StorageUnavailableException">The folder cannot be made or written.</exception>
    public FolderObjectStore(string root, TimeProvider time, ILogger<FolderObjectStore> logger, SegmentLimits? limits = null)
    {
        layout = new SegmentLayout(root);
        this.limits = limits ?? new SegmentLimits();
        this.time = time;
        this.logger = logger;
        readers = new SegmentReaders(layout, this.limits.Readers);
        pastCache = Guard(() =>
        {
            Durable.CreateFolder(root);
            foreach (var shelf in layout.Shelves)
                Durable.CreateFolder(shelf);
            Durable.FlushFolder(root);
            Durable.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(root))!);
            return this.limits.PastCache && DirectFile.IsSupported(root);
        });
        idle = time.CreateTimer(_ => CloseIdle(), null, this.limits.Idle, this.limits.Idle);
    }

    public ValueTask<(SegmentId Segment, long Offset)> AppendAsync(
        StudyHandle study, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var file = Guard(() => Acquire(study));
        try
        {
            var offset = file.Reserve(sealedBytes.Length);
            file.Write(sealedBytes, offset);
            if (file.Length >= limits.Size)
                Retire(file);
            return new((file.Segment, offset));
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
        finally
        {
            file.Release();
        }
    }

    public ValueTask<ISegmentWriter> CreateSegmentAsync(StudyHandle study, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(new FolderSegmentWriter(Guard(() => Create(study)), unsettled));
    }

    public async ValueTask FlushAsync(
        StudyHandle study, IReadOnlyCollection<SegmentId> segments, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(segments.Select(segment => FlushAsync(study, segment))).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
    }

    // Outside Windows the asynchronous call would read on a thread of the pool in just this way, and cost two hand-overs besides.
    public ValueTask<int> ReadAsync(
        StudyHandle study, SegmentId segment, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        try
        {
            var file = readers.Open(study, segment);
            try
            {
                var total = 0;
                while (total < buffer.Length)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var read = RandomAccess.Read(file.Handle, buffer.Span[total..], offset + total);
                    if (read == 0)
                        break;
                    total += read;
                }

                return new(total);
            }
            finally
            {
                file.Release();
            }
        }
        catch (Exception e) when (StorageFaults.IsMissing(e))
        {
            throw new ObjectMissingException(segment);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
    }

    public async ValueTask DeleteStudyAsync(StudyHandle study, CancellationToken cancellation)
    {
        lock (gate)
        {
            open.Remove(study);
            foreach (var file in unsettled.Values.Where(file => file.Study == study))
            {
                file.MarkDeleted();
                file.Leave();
                unsettled.TryRemove(file.Segment, out _);
            }
        }

        try
        {
            await Task.Run(() => Unlink(study), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
        finally
        {
            readers.Forget(study);
        }
    }

    public async ValueTask DeleteSegmentAsync(StudyHandle study, SegmentId segment, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (open.TryGetValue(study, out var last) && last.Segment == segment)
                open.Remove(study);
            if (unsettled.TryRemove(segment, out var file))
            {
                file.MarkDeleted();
                file.Leave();
            }
        }

        try
        {
            await Task.Run(() => Unlink(study, segment), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
        finally
        {
            readers.Forget(study);
        }
    }

    public async IAsyncEnumerable<StudyHandle> ListStudiesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var shelf in layout.Shelves)
        {
            var studies = await Task.Run(
                () => Guard(() => Directory.GetDirectories(shelf).Select(SegmentLayout.StudyOf).OfType<StudyHandle>()
                    .Where(study => Segments(study).Count > 0).ToList()),
                cancellation).ConfigureAwait(false);
            foreach (var study in studies)
                yield return study;
        }
    }

    public async IAsyncEnumerable<(SegmentId Segment, long Length, DateTimeOffset Written)> ListSegmentsAsync(
        StudyHandle study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var files = await Task.Run(() => Guard(() => Segments(study)), cancellation).ConfigureAwait(false);
        foreach (var file in files)
            yield return file;
    }

    /// <summary>Makes what is open durable and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await idle.DisposeAsync().ConfigureAwait(false);
        lock (gate)
            open.Clear();
        await Task.WhenAll(unsettled.Values.Select(CloseAsync)).ConfigureAwait(false);
        readers.Dispose();
    }

    private SegmentFile Acquire(StudyHandle study)
    {
        lock (gate)
        {
            if (!open.TryGetValue(study, out var file) || file.Failed || !file.TryAcquire())
            {
                var retired = file ?? (open.Count >= limits.Writers ? open.Values.MinBy(other => other.LastUsed) : null);
                file = Create(study);
                file.TryAcquire();
                if (retired is not null)
                    Retire(retired);
                open[study] = file;
            }

            file.LastUsed = time.GetTimestamp();
            return file;
        }
    }

    private SegmentFile Create(StudyHandle study)
    {
        var file = SegmentFile.Create(layout, study, pastCache);
        unsettled[file.Segment] = file;
        return file;
    }

    private void CloseIdle()
    {
        List<SegmentFile> unused;
        lock (gate)
            unused = [.. open.Values.Where(file => time.GetElapsedTime(file.LastUsed) >= limits.Idle)];
        foreach (var file in unused)
            Retire(file);
    }

    private void Retire(SegmentFile file)
    {
        lock (gate)
        {
            if (open.GetValueOrDefault(file.Study) == file)
                open.Remove(file.Study);
        }

        _ = CloseAsync(file);
    }

    private async Task CloseAsync(SegmentFile file)
    {
        try
        {
            await file.FlushAsync().ConfigureAwait(false);
            unsettled.TryRemove(file.Segment, out _);
        }
        catch (ObjectMissingException)
        {
            unsettled.TryRemove(file.Segment, out _);
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            // It stays among the unsettled, so that whoever still waits for these bytes hears of it.
            logger.LogError(e, "Segment {Segment} could not be made durable.", file.Segment);
        }
        finally
        {
            file.Leave();
        }
    }

    private Task FlushAsync(StudyHandle study, SegmentId segment) =>
        unsettled.TryGetValue(segment, out var file) && file.Study == study
            ? file.FlushAsync()
            : Task.Run(() => SegmentFile.FlushClosed(layout, study, segment));

    private void Unlink(StudyHandle study)
    {
        var folder = layout.Folder(study);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Durable.FlushFolder(layout.Shelf(study));
    }

    private void Unlink(StudyHandle study, SegmentId segment)
    {
        var folder = layout.Folder(study);
        if (!Directory.Exists(folder))
            return;
        File.Delete(layout.File(study, segment));
        Durable.FlushFolder(folder);
    }

    private List<(SegmentId Segment, long Length, DateTimeOffset Written)> Segments(StudyHandle study)
    {
        try
        {
            return
            [
                .. from file in new DirectoryInfo(layout.Folder(study)).GetFiles()
                   let segment = SegmentLayout.SegmentOf(file.Name)
                   where segment is not null
                   select (segment.Value, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)),
            ];
        }
        catch (Exception e) when (StorageFaults.IsMissing(e))
        {
            return [];
        }
    }

    private static T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (StorageFaults.MayPass(e))
        {
            throw StorageFaults.Unavailable(e);
        }
    }
}
