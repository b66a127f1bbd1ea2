using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Two clusters over one catalog: each believes that it owns the study.</summary>
public sealed class FencingTests
{
    [Fact]
    public async Task Of_two_activations_one_commits_and_the_others_callers_try_again()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        await using var twin = await StudyCluster.StartAsync(world, 1);
        var (token, first) = (world.Anything(), new Instance());
        Assert.Equal([StoreStatus.Stored], await cluster.Silos[0].StoreAsync(token, first.File()));
        Assert.Equal([StoreStatus.Stored], await twin.Silos[0].StoreAsync(token, (first with { Uid = "1.2.3.1" }).File()));

        Assert.Equal([StoreStatus.Unavailable], await cluster.Silos[0].StoreAsync(token, (first with { Uid = "1.2.3.2" }).File()));
        Assert.Equal([StoreStatus.Stored], await cluster.Silos[0].StoreAsync(token, (first with { Uid = "1.2.3.2" }).File()));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await (await twin.Silos[0].GrainAsync(first.Study)).HoldAsync(new StudyRequest(token, "court")));

        Assert.Equal(3, await CountAsync(world, first.Study));
    }

    [Fact]
    public async Task However_two_owners_overtake_each_other_nothing_acknowledged_is_lost_and_nothing_is_stored_twice()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        await using var twin = await StudyCluster.StartAsync(world, 1);
        var (token, first) = (world.Anything(), new Instance());
        var uids = Enumerable.Range(1, 24).Select(number => $"1.2.3.{number}").ToList();

        await Task.WhenAll(uids.Select(async (uid, number) =>
        {
            var silo = (number % 2 == 0 ? cluster : twin).Silos[0];
            for (var attempt = 0; attempt < 200; attempt++)
            {
                try
                {
                    if ((await silo.StoreAsync(token, (first with { Uid = uid }).File())).Single() is StoreStatus.Stored or StoreStatus.Duplicate)
                    {
                        return;
                    }
                }
                catch (StorageUnavailableException)
                {
                    // As a sender is told by 503: it comes again.
                }
            }

            Assert.Fail("It was never stored.");
        }));

        Assert.Equal(uids.Count, await CountAsync(world, first.Study));
    }

    [Fact]
    public async Task Who_was_overtaken_neither_gives_nor_renews_a_lease()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var grain = await cluster.Silos[0].GrainAsync(instance.Study);
        var request = new ReadRequest { Token = token, Action = PolicyActions.Read, Silo = cluster.Silos[0].Address };
        var given = await grain.BeginReadAsync(request);
        Assert.Equal(ReadVerdict.Granted, given.Verdict);
        Assert.Equal(Lease.Duration, await grain.RenewAsync(given.Lease, request));
        await OvertakeAsync(world, instance.Study);
        var gone = cluster.DeactivationAsync(grain);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => grain.RenewAsync(given.Lease, request));
        await gone;
        Assert.Equal(Lease.Duration, await grain.RenewAsync(given.Lease, request));
        await OvertakeAsync(world, instance.Study);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => grain.BeginReadAsync(request));
    }

    [Fact]
    public async Task Who_was_overtaken_does_not_record_that_a_destruction_has_begun()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var grain = await cluster.Silos[0].GrainAsync(instance.Study);
        await OvertakeAsync(world, instance.Study);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => grain.DestroyAsync(new StudyRequest(token, "wanted")));

        Assert.Empty(world.Audit.Of(AuditAction.StudyDestructionBegun));
    }

    [Theory]
    [InlineData(PolicyActions.Read)]
    [InlineData(PolicyActions.Hold)]
    [InlineData(PolicyActions.Destroy)]
    public async Task Who_was_overtaken_before_anything_was_stored_does_not_say_that_there_is_nothing(PolicyActions action)
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        var (token, instance) = (world.Anything(), new Instance());
        await using var session = cluster.Silos[0].Get<IStudyStore>().Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream(instance.File()), default);
        var grain = await cluster.Silos[0].GrainAsync(instance.Study);
        await OvertakeAsync(world, instance.Study);

        var read = new ReadRequest { Token = token, Action = PolicyActions.Read, Silo = cluster.Silos[0].Address };
        var request = new StudyRequest(token, "test");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => action switch
        {
            PolicyActions.Read => grain.BeginReadAsync(read),
            PolicyActions.Hold => grain.HoldAsync(request),
            _ => grain.DestroyAsync(request),
        });
    }

    [Fact]
    public async Task Who_loses_the_claim_at_its_activation_tells_its_callers_to_come_again()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        await cluster.DeactivateAsync(instance.Study);
        world.Catalog.BeforeClaim = () => OvertakeAsync(world, instance.Study);

        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await cluster.Silos[0].Reader.OpenAsync(token, instance.Study, PolicyActions.Read, null, default));

        world.Catalog.BeforeClaim = null;
        Assert.Equal([StoreStatus.Duplicate], await cluster.Silos[0].StoreAsync(token, instance.File()));
    }

    [Fact]
    public async Task A_commit_that_is_uncertain_and_sent_again_by_another_silo_is_stored_once()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var next = instance with { Uid = "1.2.3.9" };
        world.Catalog.AfterCommit = _ => throw new StorageUnavailableException("Nobody knows.");
        Assert.Equal([StoreStatus.Unavailable], await cluster.Silos[1].StoreAsync(token, next.File()));
        world.Catalog.AfterCommit = null;

        Assert.Equal([StoreStatus.Duplicate], await cluster.Silos[2].StoreAsync(token, next.File()));
        Assert.Equal(2, await CountAsync(world, instance.Study));
    }

    [Fact]
    public async Task Whatever_a_commit_says_arrives_on_other_silos()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        Assert.Equal([StoreStatus.Stored], await cluster.Silos[0].StoreAsync(token, instance.File()));
        Assert.Equal(
            [StoreStatus.Duplicate, StoreStatus.Conflict, StoreStatus.Stored],
            await cluster.Silos[1].StoreAsync(
                token, instance.File(), (instance with { Seed = 2 }).File(), (instance with { Uid = "1.2.3.9" }).File()));
        await using var session = cluster.Silos[1].Get<IStudyStore>().Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream((instance with { Uid = "1.2.3.8" }).File()), default);

        await cluster.DeactivateAsync(instance.Study);

        Assert.Equal(StoreStatus.Stored, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Equal(3, await CountAsync(world, instance.Study));
    }

    [Fact]
    public async Task A_state_from_a_later_version_opens_nothing()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        await cluster.DeactivateAsync(instance.Study);
        var row = await world.RowAsync(instance.Study);
        await world.Catalog.Inner.CommitAsync(
            new StudyCommit { Study = row.Study, OwnerEpoch = row.OwnerEpoch, State = (StudyState)7, DueDay = row.DueDay, SealedFacts = row.SealedFacts },
            default);

        await Assert.ThrowsAnyAsync<Exception>(
            async () => await cluster.Silos[0].Reader.OpenAsync(token, instance.Study, PolicyActions.Read, null, default));
    }

    private static async Task OvertakeAsync(World world, string study)
    {
        var row = await world.RowAsync(study);
        Assert.NotNull(await world.Catalog.Inner.ClaimAsync(row.Study, row.OwnerEpoch, default));
    }

    /// <summary>Instances by the facts, which must be as many as there are rows.</summary>
    private static async Task<int> CountAsync(World world, string study)
    {
        var row = await world.RowAsync(study);
        var facts = (await new StudyFactsReader(world.Catalog, world.Vault).OpenAsync(row, default))!;
        Assert.Equal(facts.Instances, await world.Catalog.ListInstancesAsync(row.Study, default).CountAsync());
        return facts.Instances;
    }
}
