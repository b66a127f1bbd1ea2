using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Retention;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>What storage commitment is told.</summary>
public sealed class SafekeepingTests
{
    private const string Class = "1.2.840.10008.5.1.4.1.1.2";

    private static readonly RetentionOptions OneYear = Settings.Bind(("Retention:Default", "P1Y"), ("Retention:Grace", "0.00:00:00"));

    [Fact]
    public async Task What_is_stored_is_held_for_whoever_may_store_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (one, other) = (new Instance(), new Instance { PatientId = "P2" });
        await archive.StoreAsync(archive.Anything(), one.File(), other.File());
        var ofStudy = archive.Tokens.Issue(PolicyActions.Store, new PolicyLocation.OfStudy(one.Study));
        var reader = archive.Tokens.Issue(PolicyActions.Read, new PolicyLocation.Everything());

        Assert.Equal([Holding.Held, Holding.Held, Holding.Absent], await CheckAsync(archive, archive.Anything(), one.Uid, other.Uid, "1.2.3"));
        Assert.Equal([Holding.Held, Holding.Absent, Holding.Absent], await CheckAsync(archive, ofStudy, one.Uid, other.Uid, "1.2.3"));
        Assert.Equal([Holding.Absent, Holding.Absent, Holding.Absent], await CheckAsync(archive, reader, one.Uid, other.Uid, "1.2.3"));
        Assert.Equal(
            [Holding.OtherClass, Holding.Held],
            await CheckAsync(archive, archive.Anything(), new InstanceReference("1.2.840.10008.5.1.4.1.1.4", one.Uid), new InstanceReference(Class, one.Uid)));
    }

    [Fact]
    public async Task Asked_for_under_many_classes_one_is_read_once_in_each_study_that_has_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), [.. Enumerable.Range(1, 3).Select(number => (instance with { Study = $"1.2.{number}" }).File())]);
        var reads = 0;
        archive.Objects.BeforeRead = () => Interlocked.Increment(ref reads);
        await CheckAsync(archive, archive.Anything(), new InstanceReference("1.2.1", instance.Uid));
        var once = reads;
        reads = 0;
        var holdings = await CheckAsync(archive, archive.Anything(), [.. Enumerable.Range(1, 500).Select(number => new InstanceReference($"1.2.{number}", instance.Uid))]);
        Assert.All(holdings, holding => Assert.Equal(Holding.OtherClass, holding));
        Assert.Equal(once, reads);
    }

    [Fact]
    public async Task One_that_two_studies_have_is_held_as_long_as_one_of_them_is()
    {
        await using var archive = await StudyArchive.StartAsync(retention: OneYear);
        var token = archive.Anything();
        var first = new Instance { StudyDate = "20290105" };
        var second = first with { Study = "1.2.3.4", Series = "1.2.3.5" };
        await archive.StoreAsync(token, first.File(), second.File());
        foreach (var (study, expected) in new[] { (first.Study, Holding.Held), (second.Study, Holding.Absent) })
        {
            Assert.Equal(DestroyVerdict.Destroyed, await archive.DestroyAsync(token, study));
            Assert.Equal([expected], await CheckAsync(archive, token, first.Uid));
        }
    }

    [Fact]
    public async Task What_has_expired_is_not_held_unless_a_legal_hold_keeps_it()
    {
        await using var archive = await StudyArchive.StartAsync(retention: OneYear);
        var token = archive.Anything();
        var (due, kept) = (new Instance { StudyDate = "20290102" }, new Instance { StudyDate = "20290102" });
        await archive.StoreAsync(token, due.File(), kept.File());
        await (await archive.GrainAsync(kept.Study)).HoldAsync(new StudyRequest(token, "court"));
        Assert.Equal([Holding.Held, Holding.Held], await CheckAsync(archive, token, due.Uid, kept.Uid));
        archive.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal([Holding.Absent, Holding.Held], await CheckAsync(archive, token, due.Uid, kept.Uid));
    }

    [Fact]
    public async Task What_does_not_open_is_not_held_and_the_others_are()
    {
        await using var archive = await StudyArchive.StartAsync();
        var token = archive.Anything();
        var instances = Enumerable.Range(0, 3).Select(number => new Instance { Study = "1.2.3", Uid = $"1.2.3.{number}", PixelBytes = 200_000, Seed = number }).ToList();
        await archive.StoreAsync(token, instances.Select(instance => instance.File()));
        string[] uids = [.. instances.Select(instance => instance.Uid)];
        Assert.Equal([Holding.Held, Holding.Held, Holding.Held], await CheckAsync(archive, token, uids));

        // A row changed, and a file cut off.
        var study = (await archive.RowAsync("1.2.3")).Study;
        var file = (await RecordAsync(archive, study, uids[2])).Object;
        archive.Catalog.Inner.Tamper(study, 1, row => row with { SealedRecord = [.. row.SealedRecord[..^1], (byte)~row.SealedRecord[^1]] });
        Assert.Equal([Holding.Absent, Holding.Held, Holding.Held], await CheckAsync(archive, token, uids));
        archive.Objects.Inner.Tamper(study, file.Segment, bytes => bytes[..(int)(file.Offset + file.Length)]);
        Assert.Equal([Holding.Absent, Holding.Held, Holding.Absent], await CheckAsync(archive, token, uids));
    }

    [Fact]
    public async Task What_cannot_be_said_for_now_is_not_said()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        archive.Objects.BeforeRead = () => throw new StorageUnavailableException("Away.");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => CheckAsync(archive, archive.Anything(), instance.Uid));
    }

    private static async Task<InstanceRecord> RecordAsync(StudyArchive archive, StudyHandle study, string uid) =>
        await new StudyFactsReader(archive.Catalog, archive.Vault).InstancesAsync(study, default).FirstAsync(record => record.SopInstanceUid == uid);

    private static Task<IReadOnlyList<Holding>> CheckAsync(StudyArchive archive, string token, params string[] uids) =>
        CheckAsync(archive, token, [.. uids.Select(uid => new InstanceReference(Class, uid))]);

    private static async Task<IReadOnlyList<Holding>> CheckAsync(StudyArchive archive, string token, params InstanceReference[] references) =>
        await new Safekeeping(archive.Catalog, archive.Objects, archive.Vault, archive.Time).CheckAsync(
            (await archive.Tokens.CheckAsync(token, default)).Token!, references, default);
}
