using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>An object store in memory whose appends and deletions a test may refuse.</summary>
internal sealed class HookedObjects(TimeProvider? time = null) : IObjectStore
{
    public InMemoryObjectStore Inner { get; } = new(null, time);

    public Func<Task>? BeforeDelete { get; set; }

    public Func<Task>? BeforeDeleteSegment { get; set; }

    public Func<Task>? BeforeAppend { get; set; }

    /// <summary>What was asked for arrives nevertheless, whoever has given it up meanwhile.</summary>
    public Action? BeforeRead { get; set; }

    public async ValueTask<(SegmentId Segment, long Offset)> AppendAsync(
        StudyHandle study, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        await (BeforeAppend?.Invoke() ?? Task.CompletedTask);
        return await Inner.AppendAsync(study, sealedBytes, cancellation);
    }

    public ValueTask<ISegmentWriter> CreateSegmentAsync(StudyHandle study, CancellationToken cancellation) =>
        Inner.CreateSegmentAsync(study, cancellation);

    public ValueTask FlushAsync(StudyHandle study, IReadOnlyCollection<SegmentId> segments, CancellationToken cancellation) =>
        Inner.FlushAsync(study, segments, cancellation);

    public ValueTask<int> ReadAsync(StudyHandle study, SegmentId segment, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        BeforeRead?.Invoke();
        return Inner.ReadAsync(study, segment, offset, buffer, BeforeRead is null ? cancellation : CancellationToken.None);
    }

    public async ValueTask DeleteStudyAsync(StudyHandle study, CancellationToken cancellation)
    {
        await (BeforeDelete?.Invoke() ?? Task.CompletedTask);
        await Inner.DeleteStudyAsync(study, cancellation);
    }

    public IAsyncEnumerable<StudyHandle> ListStudiesAsync(CancellationToken cancellation) => Inner.ListStudiesAsync(cancellation);

    public async ValueTask DeleteSegmentAsync(StudyHandle study, SegmentId segment, CancellationToken cancellation)
    {
        await (BeforeDeleteSegment?.Invoke() ?? Task.CompletedTask);
        await Inner.DeleteSegmentAsync(study, segment, cancellation);
    }

    public IAsyncEnumerable<(SegmentId Segment, long Length, DateTimeOffset Written)> ListSegmentsAsync(
        StudyHandle study, CancellationToken cancellation) =>
        Inner.ListSegmentsAsync(study, cancellation);
}
