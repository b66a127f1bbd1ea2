using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using Xunit;

namespace SecureStore.Contracts;

/// <summary>What every <see cref="IObjectStore"/> does. A test class of an adapter inherits it.</summary>
public abstract class ObjectStoreContract
{
    private readonly StudyHandle study = StudyHandle.New();

    /// <summary>A store over this test's own ground: called again, it is the store after a restart.</summary>
    protected abstract IObjectStore Open();

    /// <summary>The room that an object of so many bytes takes in a segment.</summary>
    protected virtual long Padded(long length) => length;

    [Fact]
    public async Task What_was_appended_and_flushed_is_read_back()
    {
        var store = Open();
        var first = Bytes(1, 5000);
        var second = Bytes(2, 70_000);
        var (segment, offset) = await store.AppendAsync(study, first, default);
        var (next, nextOffset) = await store.AppendAsync(study, second, default);
        await store.FlushAsync(study, [segment, next], default);

        Assert.Equal(segment, next);
        Assert.True(nextOffset >= offset + first.Length);
        Assert.Equal(first, await ReadAsync(store, segment, offset, first.Length));
        Assert.Equal(second, await ReadAsync(store, next, nextOffset, second.Length));
        Assert.Equal(second[1000..1100], await ReadAsync(store, next, nextOffset + 1000, 100));
    }

    [Fact]
    public async Task Fifty_appends_at_once_share_a_segment_and_do_not_overlap()
    {
        var store = Open();
        var written = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            var bytes = Bytes(i, 1000 + i * 97);
            await Task.Yield();
            var (segment, offset) = await store.AppendAsync(study, bytes, default);
            await store.FlushAsync(study, [segment], default);
            return (segment, offset, bytes);
        }));

        Assert.Single(written.Select(part => part.segment).Distinct());
        foreach (var (segment, offset, bytes) in written)
            Assert.Equal(bytes, await ReadAsync(store, segment, offset, bytes.Length));
        var (_, length, _) = Assert.Single(await store.ListSegmentsAsync(study, default).ToListAsync());
        Assert.Equal(written.Sum(part => Padded(part.bytes.Length)), length);
    }

    [Fact]
    public async Task A_read_ends_with_the_segment()
    {
        var store = Open();
        var bytes = Bytes(3, 1000);
        var (segment, offset) = await AppendDurablyAsync(store, bytes);

        var rest = await ReadAsync(store, segment, offset + 900, 5000);
        Assert.Equal(bytes[900..], rest[..100]);
        Assert.Equal(Padded(1000) - 900, rest.Length);
        Assert.Equal(0, await store.ReadAsync(study, segment, offset + Padded(1000), new byte[10], default));
        Assert.Equal(0, await store.ReadAsync(study, segment, offset + 5000, new byte[10], default));
        Assert.Equal(0, await store.ReadAsync(study, segment, offset, Memory<byte>.Empty, default));
    }

    [Fact]
    public async Task A_segment_that_is_not_there_is_reported_missing()
    {
        var store = Open();
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        var unknown = SegmentId.New();

        var missing = await Assert.ThrowsAsync<ObjectMissingException>(async () => await ReadAsync(store, unknown, 0, 1));
        Assert.Equal(unknown, missing.Segment);
        await Assert.ThrowsAsync<ObjectMissingException>(
            async () => await store.ReadAsync(StudyHandle.New(), segment, 0, new byte[1], default));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.FlushAsync(study, [segment, unknown], default));
    }

    [Fact]
    public async Task A_restart_keeps_what_was_flushed_and_never_appends_to_it()
    {
        var before = Bytes(1, 3000);
        var (old, oldOffset) = await AppendDurablyAsync(Open(), before);
        var restarted = Open();
        var after = Bytes(2, 3000);
        var (segment, offset) = await AppendDurablyAsync(restarted, after);

        Assert.NotEqual(old, segment);
        Assert.Equal(before, await ReadAsync(restarted, old, oldOffset, before.Length));
        Assert.Equal(0, await restarted.ReadAsync(study, old, oldOffset + Padded(before.Length), new byte[1], default));
        Assert.Equal(after, await ReadAsync(restarted, segment, offset, after.Length));
    }

    [Fact]
    public async Task A_deleted_study_is_gone_and_the_others_stay()
    {
        var store = Open();
        var other = StudyHandle.New();
        var (segment, offset) = await AppendDurablyAsync(store, Bytes(1, 100));
        var (kept, keptOffset) = await store.AppendAsync(other, Bytes(2, 100), default);
        await store.FlushAsync(other, [kept], default);
        await ReadAsync(store, segment, offset, 100);

        await store.DeleteStudyAsync(study, default);
        await store.DeleteStudyAsync(study, default);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await ReadAsync(store, segment, offset, 100));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.FlushAsync(study, [segment], default));
        Assert.Empty(await store.ListSegmentsAsync(study, default).ToListAsync());
        Assert.Equal([other], await store.ListStudiesAsync(default).ToListAsync());
        var buffer = new byte[100];
        Assert.Equal(100, await store.ReadAsync(other, kept, keptOffset, buffer, default));
        Assert.Equal(Bytes(2, 100), buffer);
    }

    [Fact]
    public async Task Reads_that_run_while_a_study_is_deleted_give_its_bytes_or_report_it_missing()
    {
        var store = Open();
        var bytes = Bytes(4, 100_000);
        var (segment, offset) = await AppendDurablyAsync(store, bytes);
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var readers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    Assert.Equal(bytes, await ReadAsync(store, segment, offset, bytes.Length));
                    reading.TrySetResult();
                }
            }
            catch (ObjectMissingException)
            {
                return true;
            }
        })).ToList();
        await reading.Task;
        await store.DeleteStudyAsync(study, default);

        Assert.All(await Task.WhenAll(readers), Assert.True);
    }

    [Fact]
    public async Task A_streamed_object_has_a_segment_of_its_own()
    {
        var store = Open();
        var (appended, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        await using var writer = await store.CreateSegmentAsync(study, default);
        var bytes = Bytes(5, 300_000);
        for (var position = 0; position < bytes.Length; position += 65_536)
        {
            Assert.Equal(position, writer.Length);
            await writer.WriteAsync(bytes.AsMemory(position, Math.Min(65_536, bytes.Length - position)), default);
        }

        await writer.CompleteAsync(default);

        Assert.Equal(bytes.Length, writer.Length);
        Assert.NotEqual(appended, writer.Segment);
        Assert.Equal(bytes, await ReadAsync(store, writer.Segment, 0, bytes.Length));
        Assert.Equal(bytes, await ReadAsync(Open(), writer.Segment, 0, bytes.Length));
    }

    [Fact]
    public async Task A_streamed_object_that_is_not_completed_leaves_nothing()
    {
        var store = Open();
        SegmentId segment;
        await using (var writer = await store.CreateSegmentAsync(study, default))
        {
            segment = writer.Segment;
            await writer.WriteAsync(Bytes(6, 1000), default);
        }

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await ReadAsync(store, segment, 0, 10));
        Assert.Empty(await store.ListSegmentsAsync(study, default).ToListAsync());
    }

    [Fact]
    public async Task A_streamed_object_of_a_study_deleted_meanwhile_cannot_be_completed()
    {
        var store = Open();
        await using var writer = await store.CreateSegmentAsync(study, default);
        await writer.WriteAsync(Bytes(7, 1000), default);
        await store.DeleteStudyAsync(study, default);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await writer.CompleteAsync(default));
        Assert.Empty(await store.ListSegmentsAsync(study, default).ToListAsync());
    }

    [Fact]
    public async Task Studies_and_segments_are_listed_with_their_lengths()
    {
        var store = Open();
        Assert.Empty(await store.ListStudiesAsync(default).ToListAsync());
        var (segment, _) = await AppendDurablyAsync(store, Bytes(1, 1234));
        await using var writer = await store.CreateSegmentAsync(study, default);
        await writer.WriteAsync(Bytes(2, 4321), default);
        await writer.CompleteAsync(default);

        Assert.Equal([study], await store.ListStudiesAsync(default).ToListAsync());
        Assert.Equal(
            new[] { (segment, Padded(1234)), (writer.Segment, Padded(4321)) }.ToHashSet(),
            (await store.ListSegmentsAsync(study, default).Select(one => (one.Segment, one.Length)).ToListAsync()).ToHashSet());
    }

    [Fact]
    public async Task A_segment_tells_when_it_was_last_written()
    {
        var store = Open();
        await AppendDurablyAsync(store, Bytes(1, 10));
        var (_, _, first) = Assert.Single(await store.ListSegmentsAsync(study, default).ToListAsync());
        await AppendDurablyAsync(store, Bytes(2, 10));
        var (_, _, second) = Assert.Single(await store.ListSegmentsAsync(study, default).ToListAsync());

        Assert.InRange(second, first, first.AddMinutes(5));
    }

    [Fact]
    public async Task A_deleted_segment_is_gone_and_the_others_stay()
    {
        var store = Open();
        var (gone, goneOffset) = await AppendDurablyAsync(store, Bytes(1, 100));
        await using var writer = await store.CreateSegmentAsync(study, default);
        await writer.WriteAsync(Bytes(2, 200), default);
        await writer.CompleteAsync(default);
        await ReadAsync(store, gone, goneOffset, 100);

        await store.DeleteSegmentAsync(study, gone, default);
        await store.DeleteSegmentAsync(study, gone, default);
        await store.DeleteSegmentAsync(StudyHandle.New(), gone, default);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await ReadAsync(store, gone, goneOffset, 100));
        Assert.Equal(Bytes(2, 200), await ReadAsync(store, writer.Segment, 0, 200));
        Assert.Equal([writer.Segment], await store.ListSegmentsAsync(study, default).Select(one => one.Segment).ToListAsync());
    }

    [Fact]
    public async Task What_was_appended_to_a_segment_deleted_meanwhile_cannot_be_flushed_and_the_next_append_goes_elsewhere()
    {
        var store = Open();
        var (gone, _) = await store.AppendAsync(study, Bytes(1, 100), default);
        await store.DeleteSegmentAsync(study, gone, default);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.FlushAsync(study, [gone], default));
        var (next, offset) = await AppendDurablyAsync(store, Bytes(2, 100));
        Assert.NotEqual(gone, next);
        Assert.Equal(Bytes(2, 100), await ReadAsync(store, next, offset, 100));
    }

    /// <summary>Bytes that differ by seed.</summary>
    protected static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<(SegmentId Segment, long Offset)> AppendDurablyAsync(IObjectStore store, byte[] bytes)
    {
        var place = await store.AppendAsync(study, bytes, default);
        await store.FlushAsync(study, [place.Segment], default);
        return place;
    }

    private async Task<byte[]> ReadAsync(IObjectStore store, SegmentId segment, long offset, int length)
    {
        var buffer = new byte[length];
        return buffer[..await store.ReadAsync(study, segment, offset, buffer, default)];
    }
}
