using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Contracts.Fakes;

/// <summary>Segments in memory. A second store over the same <see cref="Ground"/> is the first one after a restart.</summary>
public sealed class InMemoryObjectStore(InMemoryObjectStore.Ground? ground = null, TimeProvider? time = null) : IObjectStore
{
    private readonly ConcurrentDictionary<(StudyHandle Study, SegmentId Segment), MemoryStream> segments = (ground ?? new()).Segments;
    private readonly ConcurrentDictionary<SegmentId, DateTimeOffset> written = new();
    private readonly TimeProvider clock = time ?? TimeProvider.System;
    private readonly Dictionary<StudyHandle, SegmentId> open = [];

    /// <summary>What a restart does not lose.</summary>
    public sealed class Ground
    {
        internal ConcurrentDictionary<(StudyHandle Study, SegmentId Segment), MemoryStream> Segments { get; } = new();
    }

    /// <summary>What somebody with access to the medium does to a segment: null as the result removes it.</summary>
    public void Tamper(StudyHandle study, SegmentId segment, Func<byte[], byte[]?> change)
    {
        var bytes = change(Find(study, segment).ToArray());
        if (bytes is not null)
        {
            Replace(study, segment, bytes);
            return;
        }

        lock (open)
        {
            open.Remove(study);
            segments.TryRemove((study, segment), out _);
        }
    }

    /// <summary>Puts a segment there that no append made.</summary>
    public void Replace(StudyHandle study, SegmentId segment, byte[] bytes)
    {
        var stream = new MemoryStream();
        stream.Write(bytes);
        segments[(study, segment)] = stream;
        written[segment] = clock.GetUtcNow();
    }

    public ValueTask<(SegmentId Segment, long Offset)> AppendAsync(
        StudyHandle study, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (open)
        {
            if (!open.TryGetValue(study, out var segment))
                open[study] = segment = Create(study);
            return new((segment, Write(study, segment, sealedBytes.Span)));
        }
    }

    public ValueTask<ISegmentWriter> CreateSegmentAsync(StudyHandle study, CancellationToken cancellation) =>
        new(new Writer(this, study, Create(study)));

    public ValueTask FlushAsync(StudyHandle study, IReadOnlyCollection<SegmentId> segments, CancellationToken cancellation)
    {
        foreach (var segment in segments)
            Find(study, segment);
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> ReadAsync(
        StudyHandle study, SegmentId segment, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellation.ThrowIfCancellationRequested();
        var stream = Find(study, segment);
        lock (stream)
        {
            stream.Position = offset;
            return new(stream.Read(buffer.Span));
        }
    }

    public ValueTask DeleteStudyAsync(StudyHandle study, CancellationToken cancellation)
    {
        lock (open)
        {
            open.Remove(study);
            foreach (var key in segments.Keys.Where(key => key.Study == study))
                segments.TryRemove(key, out _);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteSegmentAsync(StudyHandle study, SegmentId segment, CancellationToken cancellation)
    {
        lock (open)
        {
            if (open.TryGetValue(study, out var last) && last == segment)
                open.Remove(study);
            segments.TryRemove((study, segment), out _);
        }

        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<StudyHandle> ListStudiesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var study in segments.Keys.Select(key => key.Study).Distinct())
            yield return study;
    }

    public async IAsyncEnumerable<(SegmentId Segment, long Length, DateTimeOffset Written)> ListSegmentsAsync(
        StudyHandle study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var (key, stream) in segments.Where(pair => pair.Key.Study == study))
            yield return (key.Segment, stream.Length, written.GetValueOrDefault(key.Segment, clock.GetUtcNow()));
    }

    private SegmentId Create(StudyHandle study)
    {
        var segment = SegmentId.New();
        segments[(study, segment)] = new MemoryStream();
        written[segment] = clock.GetUtcNow();
        return segment;
    }

    private MemoryStream Find(StudyHandle study, SegmentId segment) =>
        segments.TryGetValue((study, segment), out var stream) ? stream : throw new ObjectMissingException(segment);

    private long Write(StudyHandle study, SegmentId segment, ReadOnlySpan<byte> bytes)
    {
        var stream = Find(study, segment);
        lock (stream)
        {
            var offset = stream.Length;
            stream.Position = offset;
            stream.Write(bytes);
            written[segment] = clock.GetUtcNow();
            return offset;
        }
    }

    private sealed class Writer(InMemoryObjectStore store, StudyHandle study, SegmentId segment) : ISegmentWriter
    {
        private bool complete;

        public SegmentId Segment => segment;

        public long Length { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(complete, this);
            store.Write(study, segment, sealedBytes.Span);
            Length += sealedBytes.Length;
            return ValueTask.CompletedTask;
        }

        public ValueTask CompleteAsync(CancellationToken cancellation)
        {
            store.Find(study, segment);
            complete = true;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            if (!complete)
                store.segments.TryRemove((study, segment), out _);
            return ValueTask.CompletedTask;
        }
    }
}
