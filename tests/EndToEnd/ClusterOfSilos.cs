using Npgsql;
using Orleans.Runtime;
using SecureStore.Contracts.Servers;
using SecureStore.EndToEnd.Chaos;
using SecureStore.Silo.Hosting;

namespace SecureStore.EndToEnd;

/// <summary>
/// Three silos as a hospital runs them: processes of their own on one PostgreSQL, one blob store, one folder of keys, with certificates
/// of one authority. Each listens on ports of its own and can be killed, stopped and started by itself.
/// </summary>
internal sealed class ClusterOfSilos : ISilos
{
    public const int Size = 3;

    // Of a certificate, before and after today: a test may turn the clock.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3000);

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();
    private readonly ProcessClock? clock;
    private readonly SiloNetwork? network;
    private readonly string[] settings;
    private readonly List<ServerProcess> silos = [];
    private int started;

    private ClusterOfSilos(
        PostgresServer postgres, AzuriteServer azurite, IReadOnlyDictionary<string, string> databases, ProcessClock? clock, SiloNetwork? network,
        string[] settings)
    {
        (this.clock, this.network) = (clock, network);
        (Postgres, Azurite, Databases) = (postgres, azurite, databases);
        this.settings = settings;
        authority.WriteAuthority(folder.Path);
    }

    public PostgresServer Postgres { get; }

    public AzuriteServer Azurite { get; }

    /// <summary>Connection strings by the settings' names: Catalog, Vault, Cluster.</summary>
    public IReadOnlyDictionary<string, string> Databases { get; }

    public IReadOnlyList<ServerProcess> Silos => silos;

    public Holdings Holdings => new ServerHoldings(Azurite.ConnectionString, Databases);

    public IReadOnlyList<string> Folders => [Postgres.Data, Azurite.Folder];

    public string KeysPath => folder["keys"];

    /// <returns>Free ports for the silos to speak to one another.</returns>
    public static int[] SiloPorts() => [.. Enumerable.Range(0, Size).Select(_ => ServerProcess.FreePort())];

    /// <param name="more">Section:Key=value, for every silo.</param>
    public static Task<ClusterOfSilos> StartAsync(params string[] more) => StartAsync(SiloPorts(), null, null, more);

    /// <param name="clock">The clock of the silos and the blob store, in place of the machine's.</param>
    /// <param name="more">Section:Key=value, for every silo.</param>
    public static Task<ClusterOfSilos> StartAsync(ProcessClock clock, params string[] more) => StartAsync(SiloPorts(), clock, null, more);

    /// <param name="network">Each silo in a network namespace of its own.</param>
    public static Task<ClusterOfSilos> StartAsync(SiloNetwork network) => StartAsync(SiloPorts(), null, network, []);

    /// <param name="ports">What <see cref="SiloPorts"/> gave.</param>
    public static Task<ClusterOfSilos> StartAsync(int[] ports) => StartAsync(ports, null, null, []);

    private static async Task<ClusterOfSilos> StartAsync(int[] ports, ProcessClock? clock, SiloNetwork? network, string[] more)
    {
        const string loopback = "127.0.0.1";
        var azurite = await AzuriteServer.StartAsync(clock?.Environment, network?.BlobStore ?? loopback);
        var postgres = new PostgresServer { Address = network?.Database ?? loopback };
        var databases = new Dictionary<string, string>();
        foreach (var name in new[] { "Catalog", "Vault", "Cluster" })
        {
            databases.Add(name, await postgres.CreateDatabaseAsync());
        }

        var cluster = new ClusterOfSilos(postgres, azurite, databases, clock, network, more);
        try
        {
            var started = ports.Select((port, silo) => cluster.StartSiloAsync(silo, port)).ToList();
            await ((Task)Task.WhenAll(started)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cluster.silos.AddRange(started.Where(one => one.IsCompletedSuccessfully).Select(one => one.Result));
            await Task.WhenAll(started);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task<ArchiveClient> ClientAsync(int silo, string actions = "store,search,read")
    {
        try
        {
            return await new ArchiveClient(silos[silo].Url, KeysPath).WithTokenAsync(actions);
        }
        catch (HttpRequestException) when (silos[silo].HasEnded)
        {
            throw new InvalidOperationException($"Silo {silo} has ended: {silos[silo].Output}");
        }
    }

    /// <summary>What the membership table says of every silo that ever joined.</summary>
    public async Task<IReadOnlyList<SiloStatus>> MembersAsync()
    {
        await using var database = NpgsqlDataSource.Create(Databases["Cluster"]);
        await using var command = database.CreateCommand($"SELECT status FROM {ClusterSchema.Name}.silo");
        await using var rows = await command.ExecuteReaderAsync();
        var members = new List<SiloStatus>();
        while (await rows.ReadAsync())
        {
            members.Add((SiloStatus)rows.GetInt32(0));
        }

        return members;
    }

    public async Task RestartAsync(int silo)
    {
        var before = silos[silo];
        silos[silo] = await StartSiloAsync(silo, ServerProcess.FreePort());
        await before.DisposeAsync();
    }

    public async Task EndAsync()
    {
        await Task.WhenAll(silos.Select(silo => silo.KillAsync()));
        await Azurite.StopAsync();
        await Postgres.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }

        await Azurite.DisposeAsync();
        await Postgres.DisposeAsync();
        authority.Dispose();
        folder.Dispose();
    }

    private async Task<ServerProcess> StartSiloAsync(int silo, int port)
    {
        using var certified = authority.Certify("securestore", DateTimeOffset.UtcNow - Lifetime, DateTimeOffset.UtcNow + Lifetime);
        var (certificate, key) = TestAuthority.Write(folder.Path, $"silo-{silo}", certified);

        // Each session of a process says in the database whose it is.
        var writer = $"Options=-c test.silo={silo}-{Interlocked.Increment(ref started)}";
        string[] all =
        [
            "Catalog:Provider=PostgreSql",
            "Objects:Provider=AzureBlob",
            .. Databases.Select(one => $"ConnectionStrings:{one.Key}={one.Value};{writer}"),
            $"ConnectionStrings:Objects={Azurite.ConnectionString}",
            $"Cluster:SiloPort={port}",
            $"Cluster:Certificate={certificate}",
            $"Cluster:CertificateKey={key}",
            $"Cluster:Authority={folder["authority.pem"]}",
            "Tokens:Issuer=http://securestore.test/",
            .. settings,
        ];
        return network is null
            ? await ServerProcess.StartInAsync(folder.Path, folder.Path, clock?.Environment, all)
            : await ServerProcess.StartInNetworkAsync(
                network.NamespaceOf(silo), network.UrlOf(silo), folder.Path,
                [$"Cluster:Address={network.AddressOf(silo)}", "Http:AllowPlaintextBeyondLoopback=true", .. all]);
    }
}
