using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Storage;

/// <summary>
/// Holds segments: sealed bytes, grouped by study. It neither reads nor checks them. All members may be called
/// concurrently. A fault that may pass is a <see cref="StorageUnavailableException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>
    /// Appends a whole sealed object (at most a few MiB) to the study's open segment, opening one where needed. The
    /// bytes are durable, and can be read and listed for certain, only after <see cref="FlushAsync"/>. What a crash leaves
    /// unflushed is bytes that nothing points to.
    /// </summary>
    /// <returns>The segment and the offset, in bytes, where the object begins.</returns>
    ValueTask<(SegmentId Segment, long Offset)> AppendAsync(StudyHandle study, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation);

    /// <summary>A new segment for one object that is too large to be held in memory while it arrives.</summary>
    ValueTask<ISegmentWriter> CreateSegmentAsync(StudyHandle study, CancellationToken cancellation);

    /// <summary>Makes everything appended so far to these segments durable, names included. Concurrent calls share one flush.</summary>
    ValueTask FlushAsync(StudyHandle study, IReadOnlyCollection<SegmentId> segments, CancellationToken cancellation);

    /// <summary>Reads up to <paramref name="buffer"/>'s length from an offset; behind an object may come zeros, up to a whole block.</summary>
    /// <returns>Bytes read: fewer than asked only at the segment's end.</returns>
    /// <exception cref="ObjectMissingException">There is no such segment.</exception>
    ValueTask<int> ReadAsync(StudyHandle study, SegmentId segment, long offset, Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Deletes every segment of a study, durably. A study without any is no error.</summary>
    ValueTask DeleteStudyAsync(StudyHandle study, CancellationToken cancellation);

    /// <summary>
    /// Deletes one segment, durably. One that is not there is no error. What was appended to it and not flushed cannot be flushed any more
    /// (<see cref="ObjectMissingException"/>), and the study's next append goes to another.
    /// </summary>
    ValueTask DeleteSegmentAsync(StudyHandle study, SegmentId segment, CancellationToken cancellation);

    /// <summary>The studies that have segments, in no order.</summary>
    IAsyncEnumerable<StudyHandle> ListStudiesAsync(CancellationToken cancellation);

    /// <summary>The segments of a study with their lengths in bytes, padding included, and when each was last written, in no order.</summary>
    IAsyncEnumerable<(SegmentId Segment, long Length, DateTimeOffset Written)> ListSegmentsAsync(StudyHandle study, CancellationToken cancellation);
}

/// <summary>Streams one object into a segment of its own. Disposed without <see cref="CompleteAsync"/>, the segment is deleted.</summary>
public interface ISegmentWriter : IAsyncDisposable
{
    SegmentId Segment { get; }

    /// <summary>Bytes written so far: the offset of the next write.</summary>
    long Length { get; }

    ValueTask WriteAsync(ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation);

    /// <summary>Makes the segment durable, name included, and closes it.</summary>
    ValueTask CompleteAsync(CancellationToken cancellation);
}
