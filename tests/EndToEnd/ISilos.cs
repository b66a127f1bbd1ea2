namespace SecureStore.EndToEnd;

/// <summary>The processes of an archive of a test's own, in one mode or another: the test may kill, stop and restart them.</summary>
internal interface ISilos : IAsyncDisposable
{
    IReadOnlyList<ServerProcess> Silos { get; }

    /// <summary>What they keep outside the processes.</summary>
    Holdings Holdings { get; }

    /// <summary>Where all of that lies on the disk.</summary>
    IReadOnlyList<string> Folders { get; }

    /// <summary>A client of one silo, with a token for everything a test does.</summary>
    Task<ArchiveClient> ClientAsync(int silo, string actions = "store,search,read");

    /// <summary>Starts a silo that was killed or stopped, as a new process.</summary>
    Task RestartAsync(int silo);

    /// <summary>Kills the silos and ends the servers behind them, so that everything that they keep is on the disk.</summary>
    Task EndAsync();

    /// <param name="mode">How the archive runs.</param>
    /// <param name="settings">Section:Key=value, for every silo.</param>
    static async Task<ISilos> StartAsync(Mode mode, params string[] settings) =>
        mode == Mode.Embedded ? await SingleSilo.StartAsync(settings) : await ClusterOfSilos.StartAsync(settings);
}

/// <summary>One silo with files in a folder.</summary>
internal sealed class SingleSilo : ISilos
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] settings;
    private readonly List<ServerProcess> silos = [];

    private SingleSilo(string[] settings) => this.settings = settings;

    public IReadOnlyList<ServerProcess> Silos => silos;

    public Holdings Holdings => new FolderHoldings(folder["data"]);

    public IReadOnlyList<string> Folders => [folder["data"]];

    public static async Task<SingleSilo> StartAsync(params string[] settings)
    {
        var single = new SingleSilo(settings);
        try
        {
            single.silos.Add(await ServerProcess.StartAsync(single.folder.Path, settings));
            return single;
        }
        catch
        {
            await single.DisposeAsync();
            throw;
        }
    }

    public async Task<ArchiveClient> ClientAsync(int silo, string actions = "store,search,read") =>
        await new ArchiveClient(silos[silo].Url, silos[silo].KeysPath).WithTokenAsync(actions);

    public async Task RestartAsync(int silo)
    {
        await silos[silo].DisposeAsync();
        silos[silo] = await ServerProcess.StartAsync(folder.Path, settings);
    }

    public Task EndAsync() => silos[0].KillAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }

        folder.Dispose();
    }
}

/// <summary>Silos for the tests of one class, which run one after another; started in each mode when the first of them asks.</summary>
public sealed class OwnSilos : IAsyncDisposable
{
    private readonly Dictionary<Mode, ISilos> started = [];

    internal async Task<ISilos> InAsync(Mode mode)
    {
        if (!started.TryGetValue(mode, out var silos))
        {
            started.Add(mode, silos = await ISilos.StartAsync(mode));
        }

        return silos;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silos in started.Values)
        {
            await silos.DisposeAsync();
        }
    }
}
