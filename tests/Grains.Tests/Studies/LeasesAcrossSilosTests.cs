using System.Net;
using Orleans.Runtime;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Retention;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

public sealed class LeasesAcrossSilosTests
{
    private static readonly SiloAddress Elsewhere = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

    [Fact]
    public async Task A_destruction_closes_sessions_on_other_silos_that_a_dead_owner_had_let_in()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (owner, viewer, last) = (cluster.Silos[0], cluster.Silos[1], cluster.Silos[2]);
        var (token, instance) = (world.Anything(), new Instance());
        await owner.StoreAsync(token, instance.File());
        var handle = (await world.RowAsync(instance.Study)).Study;
        var (session, record) = await viewer.ViewAsync(token, instance.Study);
        await cluster.KillAsync(owner);
        // One silo is asked, and answers; then the clock is waited for.
        var waiting = world.NextDelay(2);

        var destroying = last.DestroyAsync(token, instance.Study);
        Assert.Same(waiting, await Task.WhenAny(waiting, destroying));
        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(record, default));
        Assert.True(world.HasKey(handle));

        world.Time.Advance(Lease.Duration);
        Assert.Equal(DestroyVerdict.Destroyed, await destroying);
        Assert.False(world.HasKey(handle));
        Assert.Equal(1, Assert.Single(world.Audit.Of(AuditAction.StudyClosed)).Instances);
    }

    [Fact]
    public async Task Where_no_silo_has_left_a_destruction_by_a_new_owner_waits_for_no_clock()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var (session, record) = await cluster.Silos[1].ViewAsync(token, instance.Study);
        await cluster.DeactivateAsync(instance.Study);

        Assert.Equal(DestroyVerdict.Destroyed, await cluster.Silos[2].DestroyAsync(token, instance.Study));

        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(record, default));
        var closed = Assert.Single(world.Audit.Of(AuditAction.StudyClosed));
        Assert.Equal(Assert.Single(world.Audit.Of(AuditAction.StudyOpened)).Session, closed.Session);
        Assert.Equal((token, 1), (closed.TokenId, closed.Instances));
    }

    [Fact]
    public async Task The_key_goes_only_after_a_reader_on_another_silo_has_let_go()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var handle = (await world.RowAsync(instance.Study)).Study;
        var session = await cluster.Silos[1].OpenAsync(token, instance.Study);

        var waiting = world.NextDelay();
        var destroying = cluster.Silos[0].DestroyAsync(token, instance.Study);
        Assert.Same(waiting, await Task.WhenAny(waiting, destroying));
        Assert.True(world.HasKey(handle));
        Assert.Equal(
            ReadVerdict.NotFound, (await cluster.Silos[2].Reader.OpenAsync(token, instance.Study, PolicyActions.Read, null, default)).Verdict);

        await session.DisposeAsync();
        Assert.Equal(DestroyVerdict.Destroyed, await destroying);
        Assert.False(world.HasKey(handle));
    }

    [Fact]
    public async Task A_reader_that_does_not_let_go_is_waited_for_until_its_lease_has_run_out()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var handle = (await world.RowAsync(instance.Study)).Study;
        await using var session = await cluster.Silos[1].OpenAsync(token, instance.Study);
        var record = await session.InstancesAsync(null, default).FirstAsync();
        var waiting = world.NextDelay();

        var destroying = cluster.Silos[0].DestroyAsync(token, instance.Study);
        Assert.Same(waiting, await Task.WhenAny(waiting, destroying));
        Assert.True(world.HasKey(handle));
        world.Time.Advance(Lease.Duration);

        Assert.Equal(DestroyVerdict.Destroyed, await destroying);
        Assert.False(world.HasKey(handle));
        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(record, default));
    }

    [Fact]
    public async Task A_lease_on_a_silo_that_is_no_member_is_waited_for()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var handle = (await world.RowAsync(instance.Study)).Study;
        var grain = await cluster.Silos[0].GrainAsync(instance.Study);
        world.Time.Advance(10 * Lease.Duration);
        Assert.Equal(
            ReadVerdict.Granted,
            (await grain.BeginReadAsync(new ReadRequest { Token = token, Action = PolicyActions.Read, Silo = Elsewhere })).Verdict);
        // Two silos are asked, and answer; then the clock is waited for.
        var waiting = world.NextDelay(3);

        var destroying = cluster.Silos[1].DestroyAsync(token, instance.Study);
        Assert.Same(waiting, await Task.WhenAny(waiting, destroying));
        Assert.True(world.HasKey(handle));

        world.Time.Advance(Lease.Duration);
        Assert.Equal(DestroyVerdict.Destroyed, await destroying);
    }

    [Fact]
    public async Task A_session_outlives_its_studys_owner()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (owner, viewer) = (cluster.Silos[0], cluster.Silos[1]);
        var (token, instance) = (world.Anything(), new Instance());
        await owner.StoreAsync(token, instance.File());
        await using var session = await viewer.OpenAsync(token, instance.Study);
        var grain = await viewer.GrainAsync(instance.Study);
        await cluster.KillAsync(owner);

        for (var turn = 0; turn < 4; turn++)
        {
            world.Time.Advance(Lease.Duration / 3);
            await viewer.Reader.RenewAllAsync();
        }

        Assert.Single(await StudyArchive.ReadAsync(session));
        Assert.NotEqual(owner.Address, cluster.PlaceOf(grain));
        await session.DisposeAsync();
        await viewer.Reader.EndAllAsync();
        Assert.Equal(1, Assert.Single(world.Audit.Of(AuditAction.StudyClosed)).Instances);
        Assert.Single(world.Audit.Of(AuditAction.StudyOpened));
    }

    [Fact]
    public async Task A_hold_that_is_released_closes_the_study_on_every_silo()
    {
        using var world = await World.CreateAsync(Settings.Bind(("Retention:Default", "P1Y"), ("Retention:Grace", "0.00:00:00")));
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance { StudyDate = "20290102" });
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var grain = await cluster.Silos[0].GrainAsync(instance.Study);
        await grain.HoldAsync(new StudyRequest(token, "court"));
        world.Time.Advance(TimeSpan.FromDays(2));
        var views = await Task.WhenAll(cluster.Silos.Select(silo => silo.ViewAsync(token, instance.Study)));

        Assert.Equal(ReadVerdict.Granted, (await grain.HoldAsync(new StudyRequest(token))).Verdict);

        foreach (var (session, record) in views)
        {
            await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(record, default));
        }

        Assert.Equal(3, world.Audit.Of(AuditAction.StudyClosed).Count);
    }

    [Fact]
    public async Task A_revoked_token_loses_its_sessions_on_every_silo_at_their_next_renewal()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        var views = await Task.WhenAll(cluster.Silos.Select(silo => silo.ViewAsync(token, instance.Study)));
        var ended = world.Closings(views.Length);

        world.Tokens.Revoke(token);
        world.Time.Advance(Lease.Duration / 3);
        await ended;

        foreach (var (session, record) in views)
        {
            await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(record, default));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_to_be_committed_as_the_owner_went_is_stored_by_the_next(bool isCommitted)
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (token, instance) = (world.Anything(), new Instance());
        await cluster.Silos[0].StoreAsync(token, instance.File());
        cluster.OnCommit = async call =>
        {
            cluster.OnCommit = null;
            if (isCommitted)
            {
                await call.Invoke();
            }

            await cluster.DeactivateAsync(instance.Study);
            throw new SiloUnavailableException();
        };

        Assert.Equal([StoreStatus.Stored], await cluster.Silos[1].StoreAsync(token, (instance with { Uid = "1.2.3.9" }).File()));

        Assert.Null(cluster.OnCommit);
        await using var session = await cluster.Silos[2].OpenAsync(token, instance.Study);
        Assert.Equal(2, await session.InstancesAsync(null, default).CountAsync());
    }

    [Fact]
    public async Task What_the_studys_key_does_not_open_is_not_committed()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world, 1);
        var (token, instance) = (world.Anything(), new Instance());
        cluster.OnCommit = call =>
        {
            var commits = (InstanceCommit[])call.Request.GetArgument(1)!;
            call.Request.SetArgument(1, Array.ConvertAll(commits, one => one with { Record = one.Record with { WrappedKey = new byte[KeyWrap.Size] } }));
            return call.Invoke();
        };

        Assert.Equal([StoreStatus.Unavailable], await cluster.Silos[0].StoreAsync(token, instance.File()));

        cluster.OnCommit = null;
        Assert.Equal([StoreStatus.Stored], await cluster.Silos[0].StoreAsync(token, instance.File()));
    }

    [Fact]
    public async Task A_draining_silo_finishes_its_commits_and_hands_its_studies_over()
    {
        using var world = await World.CreateAsync();
        await using var cluster = await StudyCluster.StartAsync(world);
        var (draining, other) = (cluster.Silos[0], cluster.Silos[1]);
        var (token, instance) = (world.Anything(), new Instance());
        await draining.StoreAsync(token, instance.File());
        var (session, record) = await other.ViewAsync(token, instance.Study);
        var (begun, go) = (World.Signal(), World.Signal());
        world.Catalog.BeforeCommit = async _ =>
        {
            begun.TrySetResult();
            await go.Task;
        };
        var storing = other.StoreAsync(token, (instance with { Uid = "1.2.3.9" }).File());
        await begun.Task;

        var stopping = cluster.StopAsync(draining);
        go.SetResult();

        Assert.Equal([StoreStatus.Stored], await storing);
        await stopping;
        (await session.MetadataAsync(record, default)).Dispose();
        Assert.Equal([StoreStatus.Duplicate], await cluster.Silos[2].StoreAsync(token, (instance with { Uid = "1.2.3.9" }).File()));
        Assert.Equal(2, world.Audit.Of(AuditAction.InstancesStored).Where(one => one.Detail == "end").Sum(one => one.Instances));
        await other.Reader.EndAllAsync();
        Assert.Equal(1, Assert.Single(world.Audit.Of(AuditAction.StudyClosed)).Instances);
    }
}
