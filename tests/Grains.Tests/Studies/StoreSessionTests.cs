using SecureStore.Dicom;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Store sessions: instances one after the other, and commits.</summary>
public class StoreSessionTests
{
    [Fact]
    public async Task The_next_instance_is_read_while_the_last_one_goes_to_storage()
    {
        await using var archive = await StudyArchive.StartAsync();
        var first = new Instance();
        var storage = new TaskCompletionSource();
        archive.Objects.BeforeAppend = () => storage.Task;
        await using var session = archive.Store.Begin(archive.Anything(), null, null);
        await session.ReceiveAsync(new MemoryStream(first.File()), default);

        var source = new WatchedStream((first with { Uid = DicomUID.New(), Seed = 2 }).File());
        var second = session.ReceiveAsync(source, default).AsTask();
        await source.Ended;
        Assert.False(second.IsCompleted);
        storage.SetResult();

        Assert.Equal(StoreStatus.Received, (await second).Status);
        Assert.Equal([StoreStatus.Stored, StoreStatus.Stored], (await session.CommitAsync(default)).Select(one => one.Status));
    }

    [Fact]
    public async Task Sessions_that_commit_at_once_lose_nothing()
    {
        await using var archive = await StudyArchive.StartAsync();
        var token = archive.Anything();
        var first = new Instance();
        Instance[] all = [.. Enumerable.Range(0, 20).Select(seed => first with { Uid = DicomUID.New(), Seed = seed })];

        var stored = await Task.WhenAll(all.Select(one => Task.Run(() => archive.StoreAsync(token, one.File()))));

        Assert.All(stored, one => Assert.Equal([StoreStatus.Stored], one));
        Assert.Equal(20, (await archive.FactsAsync(first.Study)).Instances);
        Assert.Equal(
            all.Select(one => Convert.ToHexString(one.File())).Order(),
            (await archive.ReadAsync(token, first.Study)).Select(Convert.ToHexString).Order());
    }

    [Fact]
    public async Task A_study_that_cannot_be_committed_does_not_hold_up_another()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (good, bad) = (new Instance(), new Instance());
        await archive.StoreAsync(archive.Anything(), bad.File());
        var doomed = (await archive.RowAsync(bad.Study)).Study;
        archive.Catalog.BeforeCommit = commit => commit.Study == doomed ? throw new InvalidOperationException("Wrong.") : Task.CompletedTask;

        Assert.Equal(
            [StoreStatus.Unavailable, StoreStatus.Stored, StoreStatus.Unavailable],
            await archive.StoreAsync(
                archive.Anything(), (bad with { Uid = DicomUID.New() }).File(), good.File(), (bad with { Uid = DicomUID.New() }).File()));
    }

    [Fact]
    public async Task A_session_is_recorded_when_it_begins_and_with_its_count_when_it_ends()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        var other = instance with { Uid = DicomUID.New() };
        await archive.StoreAsync(archive.Anything(), instance.File(), instance.File(), other.File());

        var events = archive.Audit.Of(AuditAction.InstancesStored);
        Assert.Equal(["begin", "end"], events.Select(one => one.Detail));
        Assert.Equal((2, (long)instance.File().Length + other.File().Length), (events[1].Instances, events[1].Bytes));
    }

    [Fact]
    public async Task The_studys_key_is_opened_once_for_all_commits_of_a_session()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await StoreAsync(1);

        // Once by the session, and once by the study's owner, who lets go of it when nobody stores any more.
        Assert.Equal(2, await StoreAsync(1));
        Assert.Equal(2, await StoreAsync(3));

        async Task<int> StoreAsync(int commits)
        {
            var before = archive.VaultStore.StudyKeysRead;
            await using (var session = archive.Store.Begin(archive.Anything(), null, null, oneByOne: true))
            {
                for (; commits > 0; commits--)
                {
                    await session.ReceiveAsync(new MemoryStream((instance with { Uid = DicomUID.New() }).File()), default);
                    Assert.Equal(StoreStatus.Stored, Assert.Single(await session.CommitAsync(default)).Status);
                }
            }

            return archive.VaultStore.StudyKeysRead - before;
        }
    }

    /// <summary>Tells when it has been read to its end.</summary>
    private sealed class WatchedStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => ended.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                ended.TrySetResult();
            }

            return read;
        }
    }
}
