using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Storage;

namespace SecureStore.Silo.Tests.Storage;

public class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("objects");
    private readonly FakeTimeProvider time = new();
    private readonly StudyHandle study = StudyHandle.New();

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected virtual bool PastCache => true;

    protected override IObjectStore Open() => Open(new SegmentLimits());

    protected override long Padded(long length) => PastCache ? BlockMemory.Whole((int)length) : length;

    private FolderObjectStore Open(SegmentLimits limits) =>
        new(folder.FullName, time, NullLogger<FolderObjectStore>.Instance, limits with { PastCache = PastCache });

    [Fact]
    public async Task Memory_that_begins_at_a_block_is_written_as_it_is()
    {
        await using var store = Open(new SegmentLimits());
        foreach (var length in new[] { 1, 4095, 4096, 4097, 65_536, 70_000 })
        {
            using var memory = BlockMemory.Rent(length);
            Assert.True(BlockMemory.IsAligned(memory.Memory));
            var bytes = Bytes(length, length);
            bytes.CopyTo(memory.Memory);
            var (segment, offset) = await store.AppendAsync(study, memory.Memory[..length], default);
            await using var writer = await store.CreateSegmentAsync(study, default);
            await writer.WriteAsync(memory.Memory[..length], default);
            await writer.WriteAsync(bytes, default);
            await writer.CompleteAsync(default);

            Assert.Equal(bytes, await ReadAsync(segment, offset, length));
            Assert.Equal(bytes.Concat(bytes), await ReadAsync(writer.Segment, 0, 2 * length));
        }

        async Task<byte[]> ReadAsync(SegmentId segment, long offset, int length)
        {
            var read = new byte[length];
            Assert.Equal(length, await store.ReadAsync(study, segment, offset, read, default));
            return read;
        }
    }

    [Fact]
    public async Task A_segment_without_appends_for_long_is_closed()
    {
        await using var store = Open(new SegmentLimits { Idle = TimeSpan.FromMinutes(1) });
        var (first, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        time.Advance(TimeSpan.FromSeconds(30));
        var (second, _) = await store.AppendAsync(study, Bytes(2, 10), default);
        time.Advance(TimeSpan.FromMinutes(2));
        var (third, _) = await store.AppendAsync(study, Bytes(3, 10), default);

        Assert.Equal(first, second);
        Assert.NotEqual(first, third);
        await store.FlushAsync(study, [first, third], default);
    }

    [Fact]
    public async Task A_full_segment_takes_no_more()
    {
        await using var store = Open(new SegmentLimits { Size = 5000 });
        var segments = new List<SegmentId>();
        for (var i = 0; i < 4; i++)
            segments.Add((await store.AppendAsync(study, Bytes(i, 3000), default)).Segment);

        Assert.Equal(segments[0], segments[1]);
        Assert.NotEqual(segments[1], segments[2]);
        Assert.Equal(segments[2], segments[3]);
        await store.FlushAsync(study, segments.Distinct().ToList(), default);
    }

    [Fact]
    public async Task More_studies_than_segments_may_be_open_lose_nothing()
    {
        await using var store = Open(new SegmentLimits { Writers = 4, Readers = 3 });
        var parts = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await Task.Yield();
            var handle = new StudyHandle(new Guid(i % 20, 0, 0, new byte[8]));
            var bytes = Bytes(i, 500 + i);
            var (segment, offset) = await store.AppendAsync(handle, bytes, default);
            await store.FlushAsync(handle, [segment], default);
            return (handle, segment, offset, bytes);
        }));

        foreach (var (handle, segment, offset, bytes) in parts)
        {
            var buffer = new byte[bytes.Length];
            Assert.Equal(bytes.Length, await store.ReadAsync(handle, segment, offset, buffer, default));
            Assert.Equal(bytes, buffer);
        }
    }

    [Fact]
    public async Task A_study_is_a_folder_and_is_gone_with_its_folder()
    {
        await using var store = Open(new SegmentLimits());
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        var file = Path.Combine(folder.FullName, study.ToString()[..2], study.ToString(), segment + ".seg");
        Assert.True(File.Exists(file));

        await store.DeleteStudyAsync(study, default);

        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
    }

    [Fact]
    public async Task What_is_not_a_segment_is_not_listed()
    {
        await using var store = Open(new SegmentLimits());
        var (segment, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        var shelf = Path.Combine(folder.FullName, study.ToString()[..2]);
        Directory.CreateDirectory(Path.Combine(shelf, "lost+found"));
        await File.WriteAllTextAsync(Path.Combine(shelf, study.ToString(), "readme.txt"), "not a segment");

        Assert.Equal([study], await store.ListStudiesAsync(default).ToListAsync());
        Assert.Equal([(segment, Padded(10))], await store.ListSegmentsAsync(study, default).Select(one => (one.Segment, one.Length)).ToListAsync());
    }

    [Fact]
    public async Task A_segment_whose_flush_failed_is_never_called_durable_and_takes_no_more()
    {
        await using var store = Open(new SegmentLimits());
        var (lost, _) = await store.AppendAsync(study, Bytes(1, 10), default);
        Directory.Delete(Path.Combine(folder.FullName, study.ToString()[..2], study.ToString()), recursive: true);

        for (var i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [lost], default));
        }

        var (next, offset) = await store.AppendAsync(study, Bytes(2, 10), default);
        await store.FlushAsync(study, [next], default);
        Assert.NotEqual(lost, next);
        Assert.Equal(0, offset);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FlushAsync(study, [lost, next], default));
    }

    [Fact]
    public async Task A_folder_in_the_way_is_a_fault_that_may_pass()
    {
        await using var store = Open(new SegmentLimits());
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, study.ToString()[..2], study.ToString()), "in the way");

        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await store.AppendAsync(study, Bytes(1, 10), default));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await store.CreateSegmentAsync(study, default));
    }
}

/// <summary>Where the file system has no way past the page cache.</summary>
public sealed class FolderObjectStoreThroughCacheTests : FolderObjectStoreTests
{
    protected override bool PastCache => false;
}
