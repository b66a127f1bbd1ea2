using System.Buffers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.TestingHost;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.VaultTests;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Grains, store and reader on a silo of their own, over everything in memory. The clock stands until a test turns it.</summary>
internal sealed class StudyArchive : IAsyncDisposable
{
    public const PolicyActions AnyAction =
        PolicyActions.Store | PolicyActions.Read | PolicyActions.Hold | PolicyActions.Destroy;

    private readonly VaultFixture keys;
    private readonly InProcessTestCluster cluster;
    private TaskCompletionSource? delayed;

    private StudyArchive(VaultFixture keys, Vault.Vault vault, StudyOptions options, RetentionOptions retention)
    {
        (this.keys, Vault) = (keys, vault);
        Objects = new HookedObjects(Time);
        Tokens = new FakeTokens(Time);
        var clock = new TurnedTime(Time);
        clock.TimerCreated += () => delayed?.TrySetResult();
        var builder = new InProcessTestClusterBuilder(1) { Options = { InitializeClientOnDeploy = false } };
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddSingleton<IConfigureGrainTypeComponents>(new GrainsWithClock(clock))
            .AddSingleton<ICatalog>(Catalog)
            .AddSingleton<IObjectStore>(Objects)
            .AddSingleton(Vault)
            .AddSingleton<IPolicyTokens>(Tokens)
            .AddSingleton<IAuditLog>(Audit)
            .AddSingleton(retention)
            .AddSingleton(options)
            .AddNoOtherSilos()
            .AddSingleton(new IntegrityOptions())
            .AddSingleton<StudyFactsReader>()
            .AddSingleton(services => ActivatorUtilities.CreateInstance<StudyReader>(services, Time))
            .AddSingleton<IStudyStore>(services => ActivatorUtilities.CreateInstance<StudyStore>(services, Time)));
        cluster = builder.Build();
    }

    public HookedCatalog Catalog { get; } = new();

    public HookedObjects Objects { get; }

    public MemoryAuditLog Audit { get; } = new();

    public FakeTokens Tokens { get; }

    public Vault.Vault Vault { get; }

    public InMemoryVaultStore VaultStore => keys.Store;

    public FakeTimeProvider Time => keys.Time;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IStudyStore Store => Services.GetRequiredService<IStudyStore>();

    public StudyReader Reader => Services.GetRequiredService<StudyReader>();

    private IServiceProvider Services => cluster.Silos[0].ServiceProvider;

    /// <summary>Something made of the archive's services, with the test's clock.</summary>
    public T Create<T>(params object[] more) => ActivatorUtilities.CreateInstance<T>(Services, [Time, .. more]);

    public static async Task<StudyArchive> StartAsync(StudyOptions? options = null, RetentionOptions? retention = null)
    {
        var (keys, vault) = await VaultFixture.InitialisedAsync();
        var archive = new StudyArchive(keys, vault, options ?? new StudyOptions(), retention ?? new RetentionOptions());
        await archive.cluster.DeployAsync();
        return archive;
    }

    /// <summary>A token for everything.</summary>
    public string Anything() => Tokens.Issue(AnyAction, new PolicyLocation.Everything());

    public async Task<StudyRow> RowAsync(string study) => (await Catalog.FindStudyAsync(Vault.MacOfUid(study), default))!;

    public async Task<IStudyGrain> GrainAsync(string study) => Grains.GetGrain<IStudyGrain>((await RowAsync(study)).Study.Value);

    public async Task<StudyFacts> FactsAsync(string study) =>
        (await new StudyFactsReader(Catalog, Vault).OpenAsync(await RowAsync(study), default))!;

    public async Task DeactivateAsync(string study) => await cluster.DeactivateAsync(await GrainAsync(study));

    /// <summary>Ends when the study's present activation has given itself up; to be taken before it does.</summary>
    public async Task<Task> DeactivationAsync(string study) => cluster.WaitForDeactivationAsync(await GrainAsync(study));

    public async Task<IReadOnlyList<StoreStatus>> StoreAsync(string token, params IEnumerable<byte[]> files)
    {
        await using var session = Store.Begin(token, null, "192.0.2.1");
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
        var opened = await Reader.OpenAsync(token, study, PolicyActions.Read, null, default);
        Assert.Equal(ReadVerdict.Granted, opened.Verdict);
        return opened.Session!;
    }

    public async Task<ReadVerdict> VerdictAsync(string token, string study)
    {
        var opened = await Reader.OpenAsync(token, study, PolicyActions.Read, null, default);
        await (opened.Session?.DisposeAsync() ?? ValueTask.CompletedTask);
        return opened.Verdict;
    }

    /// <summary>The study's files, in the order they were stored.</summary>
    public async Task<IReadOnlyList<byte[]>> ReadAsync(string token, string study)
    {
        await using var session = await OpenAsync(token, study);
        return await ReadAsync(session);
    }

    public static async Task<IReadOnlyList<byte[]>> ReadAsync(IReadSession session)
    {
        var files = new List<byte[]>();
        await foreach (var instance in session.InstancesAsync(null, default))
        {
            var output = new ArrayBufferWriter<byte>();
            await session.CopyAsync(instance, 0, instance.Object.Length, output, static _ => ValueTask.CompletedTask, default);
            files.Add(output.WrittenSpan.ToArray());
        }

        return files;
    }

    /// <summary>Ends when a grain next begins to wait for the clock.</summary>
    public Task NextDelay() => (delayed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The next event of a kind, once the log has it.</summary>
    public Task<AuditEvent> NextEvent(AuditAction action)
    {
        var next = new TaskCompletionSource<AuditEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        Audit.Appended += one =>
        {
            if (one.Action == action)
            {
                next.TrySetResult(one);
            }
        };
        return next.Task;
    }

    public async Task<DestroyVerdict> DestroyAsync(string token, string study) =>
        (await (await GrainAsync(study)).DestroyAsync(new StudyRequest(token, "wanted"))).Verdict;

    public async Task<long> SegmentsAsync(string study) =>
        await Objects.ListSegmentsAsync((await RowAsync(study)).Study, default).LongCountAsync();

    public bool HasKey(StudyHandle study) => VaultStore.Rows.Any(row => row.Kind == VaultRowKind.Study && row.Id == study.Value);

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        keys.Dispose();
    }
}
