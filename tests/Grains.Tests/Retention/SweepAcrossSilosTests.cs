using SecureStore.Grains.Audit;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;

namespace SecureStore.Grains.Tests.Retention;

public sealed class SweepAcrossSilosTests
{
    private static readonly RetentionOptions OneYear = Settings.Bind(("Retention:Default", "P1Y"), ("Retention:Grace", "0.00:00:00"));

    [Fact]
    public async Task Silos_that_sweep_at_once_make_one_sweep()
    {
        using var world = await World.CreateAsync(OneYear);
        await using var cluster = await StudyCluster.StartAsync(world);
        await DueAsync(world, cluster, 5);

        var results = await Task.WhenAll(cluster.Silos.Select(silo => silo.Sweep.RunAsync(default)));

        Assert.Contains(new SweepResult(5, 0, 0), results);
        var runs = world.Audit.Of(AuditAction.RetentionRun);
        Assert.Equal(["begin, due 5", "destroyed 5, skipped 0, failed 0"], runs.Select(run => run.Detail));
        Assert.Single(runs.Select(run => run.Session).Distinct());
        Assert.Equal(5, world.Audit.Of(AuditAction.StudyDestroyed).Count);
    }

    [Fact]
    public async Task Who_follows_a_sweep_is_answered_before_its_end_and_hears_of_its_end_by_its_name()
    {
        using var world = await World.CreateAsync(OneYear);
        await using var cluster = await StudyCluster.StartAsync(world);
        await DueAsync(world, cluster, 2);
        var (begun, go) = (World.Signal(), World.Signal());
        world.Catalog.BeforeCommit = async _ =>
        {
            begun.TrySetResult();
            await go.Task;
        };
        var grain = cluster.Silos[0].Grains.GetGrain<IRetentionGrain>(0);
        var waits = world.NextDelay();
        var asked = grain.FollowAsync(Guid.Empty);
        await Task.WhenAll(begun.Task, waits);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        var progress = await asked;
        Assert.Null(progress.Result);

        world.Catalog.BeforeCommit = null;
        var end = grain.FollowAsync(progress.Sweep);
        go.SetResult();
        Assert.Equal(new SweepProgress(progress.Sweep, new SweepResult(2, 0, 0)), await end);
        Assert.Equal(new SweepResult(2, 0, 0), (await grain.FollowAsync(progress.Sweep)).Result);

        var another = await grain.FollowAsync(Guid.Empty);
        Assert.NotEqual(progress.Sweep, another.Sweep);
        Assert.Equal(new SweepResult(0, 0, 0), another.Result);
    }

    [Fact]
    public async Task A_slow_destruction_does_not_hold_up_the_others()
    {
        using var world = await World.CreateAsync(OneYear);
        await using var cluster = await StudyCluster.StartAsync(world);
        var studies = await DueAsync(world, cluster, 40);
        var slow = (await world.RowAsync(studies[0])).Study;
        var go = World.Signal();
        var others = world.Destructions(39);
        world.Catalog.BeforeCommit = commit => commit.Study == slow ? go.Task : Task.CompletedTask;

        var sweep = cluster.Silos[1].Sweep.RunAsync(default);
        await others;
        Assert.False(sweep.IsCompleted);
        go.SetResult();

        Assert.Equal(new SweepResult(40, 0, 0), await sweep);
    }

    [Fact]
    public async Task A_sweep_whose_silo_dies_goes_on_elsewhere()
    {
        using var world = await World.CreateAsync(OneYear);
        await using var cluster = await StudyCluster.StartAsync(world);
        await DueAsync(world, cluster, 30);
        var (begun, go) = (World.Signal(), World.Signal());
        world.Catalog.BeforeCommit = async _ =>
        {
            begun.TrySetResult();
            await go.Task;
        };
        var sweeping = cluster.Silos.Select(silo => silo.Sweep.RunAsync(default)).ToList();
        await begun.Task;
        var place = cluster.PlaceOf(cluster.Silos[0].Grains.GetGrain<IRetentionGrain>(0));
        var doomed = cluster.Silos.Single(silo => silo.Address.Equals(place));
        var paused = world.NextDelay();

        await cluster.KillAsync(doomed);
        world.Catalog.BeforeCommit = null;
        go.SetResult();
        await paused;
        using var ticking = new Ticking(world);
        await Task.WhenAll(sweeping.Where((_, index) => cluster.Silos[index] != doomed));
        // What the dying silo's studies did not answer is left to the next sweep.
        await cluster.Silos.First(silo => silo != doomed).Sweep.RunAsync(default);

        Assert.Empty(await world.Catalog.DueAsync(DateOnly.FromDateTime(world.Time.GetUtcNow().UtcDateTime), default).ToListAsync());
        Assert.Equal(30, world.Audit.Of(AuditAction.StudyDestroyed).Count);
    }

    private static async Task<IReadOnlyList<string>> DueAsync(World world, StudyCluster cluster, int count)
    {
        var instances = Enumerable.Range(0, count).Select(number => new Instance { StudyDate = "20290102", PatientId = $"P{number}" }).ToList();
        var stored = await Task.WhenAll(instances.Select((one, number) => cluster.Silos[number % 3].StoreAsync(world.Anything(), one.File())));
        Assert.All(stored, result => Assert.Equal([StoreStatus.Stored], result));
        world.Time.Advance(TimeSpan.FromDays(2));
        return [.. instances.Select(one => one.Study)];
    }

    /// <summary>Turns the clock a lease's time whenever somebody begins to wait for it.</summary>
    private sealed class Ticking : IDisposable
    {
        private readonly World world;

        public Ticking(World world)
        {
            this.world = world;
            world.Clock.TimerCreated += Tick;
            Tick();
        }

        public void Dispose() => world.Clock.TimerCreated -= Tick;

        private void Tick() => ThreadPool.QueueUserWorkItem(_ => world.Time.Advance(Lease.Duration));
    }
}
