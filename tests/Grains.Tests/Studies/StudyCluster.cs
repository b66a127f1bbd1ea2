using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Silos in one process that share a <see cref="World"/>; each has a vault, a store and a reader of its own.</summary>
internal sealed class StudyCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster cluster;

    private StudyCluster(World world, InProcessTestCluster cluster, Dictionary<SiloAddress, Member> members)
    {
        (World, this.cluster) = (world, cluster);
        Silos = [.. cluster.Silos.Select(silo => members[silo.SiloAddress])];
    }

    public World World { get; }

    /// <summary>Stands between a study's grain and whoever asks it to commit.</summary>
    public Func<IOutgoingGrainCallContext, Task>? OnCommit { get; set; }

    /// <summary>The silos as they were at the start.</summary>
    public IReadOnlyList<Member> Silos { get; }

    public static async Task<StudyCluster> StartAsync(World world, short silos = 3)
    {
        var vaults = new Queue<(Vault.Vault Vault, FileRootKey Keys)>();
        for (var silo = 0; silo < silos; silo++)
        {
            vaults.Enqueue(await world.Keys.OpenAnotherAsync());
        }

        StudyCluster? started = null;
        var builder = new InProcessTestClusterBuilder(silos) { Options = { InitializeClientOnDeploy = false, ConfigureFileLogging = false } };
        builder.ConfigureSilo((_, silo) =>
        {
            (Vault.Vault Vault, FileRootKey Keys) own;
            lock (vaults)
            {
                own = vaults.Dequeue();
            }

            // Nobody is declared dead because the machine is busy.
            silo.Configure<ClusterMembershipOptions>(membership => membership.LivenessEnabled = false);
            silo.AddOtherSilos();
            silo.AddOutgoingGrainCallFilter(call => call.MethodName == nameof(IStudyGrain.CommitAsync) && started?.OnCommit is { } hook
                ? hook(call)
                : call.Invoke());
            silo.Services
                .AddSingleton<IConfigureGrainTypeComponents>(new GrainsWithClock(world.Clock))
                .AddSingleton(services => ActivatorUtilities.CreateInstance<OtherSilos>(services, world.Clock))
                .AddSingleton<ICatalog>(world.Catalog)
                .AddSingleton<IObjectStore>(world.Objects)
                .AddSingleton(own.Vault)
                .AddSingleton(own.Keys)
                .AddSingleton<IPolicyTokens>(world.Tokens)
                .AddSingleton<IAuditLog>(world.Audit)
                .AddSingleton(world.Retention)
                .AddSingleton(new StudyOptions())
                .AddSingleton(services => ActivatorUtilities.CreateInstance<EpochTurns>(services, world.Time))
                .AddSingleton(services => ActivatorUtilities.CreateInstance<RetentionSweep>(services, world.Clock))
                .AddSingleton(services => ActivatorUtilities.CreateInstance<StudyReader>(services, world.Time))
                .AddSingleton<IStudyStore>(services => ActivatorUtilities.CreateInstance<StudyStore>(services, world.Time));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        started = new StudyCluster(world, cluster, cluster.Silos.ToDictionary(silo => silo.SiloAddress, silo => new Member(world, silo)));
        await Task.WhenAll(started.Silos.Select(silo => silo.SeesAsync(members => members.Count(one => one.Status == SiloStatus.Active) == silos)));
        return started;
    }

    /// <summary>The silo goes without a word, and the others learn that it is dead.</summary>
    public async Task KillAsync(Member silo)
    {
        await cluster.KillSiloAsync(silo.Handle);
        await DeclareDeadAsync(silo);
    }

    /// <summary>The others take the silo for dead, whether or not it is.</summary>
    public async Task DeclareDeadAsync(Member silo)
    {
        var survivors = Silos.Where(other => other != silo && other.Handle.IsActive).ToList();
        await survivors[0].Get<IClusterMembershipService>().TryKill(silo.Address);
        await Task.WhenAll(survivors.Select(other => other.SeesAsync(
            members => members.All(one => !one.SiloAddress.Equals(silo.Address) || one.Status == SiloStatus.Dead))));
    }

    /// <summary>The silo stops in order: its grains are put away.</summary>
    public Task StopAsync(Member silo) => cluster.StopSiloAsync(silo.Handle);

    public async Task DeactivateAsync(string study) =>
        await cluster.DeactivateAsync(Silos[0].Grains.GetGrain<IStudyGrain>((await World.RowAsync(study)).Study.Value));

    /// <summary>Ends when the grain's present activation has given itself up; to be taken before it does.</summary>
    public Task DeactivationAsync(IAddressable grain) => cluster.WaitForDeactivationAsync(grain);

    /// <summary>The silo on which a grain is active, or null.</summary>
    public SiloAddress? PlaceOf(IAddressable grain) =>
        cluster.TryGetGrainContext(grain.GetGrainId(), out var context) ? context.Address.SiloAddress : null;

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    /// <summary>One silo.</summary>
    internal sealed class Member(World world, InProcessSiloHandle handle)
    {
        public InProcessSiloHandle Handle => handle;

        public SiloAddress Address => handle.SiloAddress;

        public IGrainFactory Grains => Get<IGrainFactory>();

        public StudyReader Reader => Get<StudyReader>();

        public Vault.Vault Vault => Get<Vault.Vault>();

        public FileRootKey Keys => Get<FileRootKey>();

        public EpochTurns Epochs => Get<EpochTurns>();

        public RetentionSweep Sweep => Get<RetentionSweep>();

        public T Get<T>()
            where T : notnull => handle.ServiceProvider.GetRequiredService<T>();

        public async Task<IStudyGrain> GrainAsync(string study) => Grains.GetGrain<IStudyGrain>((await world.RowAsync(study)).Study.Value);

        /// <summary>Stores by this silo. A grain that is not active yet is activated here.</summary>
        public async Task<IReadOnlyList<StoreStatus>> StoreAsync(string token, params IEnumerable<byte[]> files)
        {
            Here();
            await using var session = Get<IStudyStore>().Begin(token, null, "192.0.2.1");
            var refused = new List<StoreStatus>();
            foreach (var file in files)
            {
                if (await session.ReceiveAsync(new MemoryStream(file), default) is { Status: not StoreStatus.Received } result)
                {
                    refused.Add(result.Status);
                }
            }

            return [.. refused, .. (await session.CommitAsync(default)).Select(result => result.Status)];
        }

        public async Task<IReadSession> OpenAsync(string token, string study)
        {
            Here();
            var opened = await Reader.OpenAsync(token, study, PolicyActions.Read, null, default);
            Assert.Equal(ReadVerdict.Granted, opened.Verdict);
            return opened.Session!;
        }

        /// <summary>Opens a viewing session that stays open, with nobody reading in it.</summary>
        public async Task<(IReadSession Session, InstanceRecord Instance)> ViewAsync(string token, string study)
        {
            var session = await OpenAsync(token, study);
            var instance = await session.InstancesAsync(null, default).FirstAsync();
            (await session.MetadataAsync(instance, default)).Dispose();
            await session.DisposeAsync();
            return (session, instance);
        }

        public async Task<DestroyVerdict> DestroyAsync(string token, string study)
        {
            Here();
            return (await (await GrainAsync(study)).DestroyAsync(new StudyRequest(token, "wanted"))).Verdict;
        }

        /// <summary>Ends when this silo sees the members so.</summary>
        public async Task SeesAsync(Predicate<IReadOnlyCollection<ClusterMember>> members)
        {
            await foreach (var update in Get<IClusterMembershipService>().MembershipUpdates)
            {
                if (members([.. update.Members.Values]))
                {
                    return;
                }
            }
        }

        /// <summary>From here on, what the test's calls activate is activated on this silo.</summary>
        private void Here() => RequestContext.Set(IPlacementDirector.PlacementHintKey, Address);
    }
}
