using Npgsql;
using Orleans.Runtime;
using SecureStore.Contracts.Servers;
using SecureStore.Silo.Hosting;

namespace SecureStore.EndToEnd;

/// <summary>
/// Three silos as a hospital runs them: processes of their own on one PostgreSQL, one blob store, one folder of keys, with certificates
/// of one authority. Each listens on ports of its own and can be killed, stopped and started by itself.
/// </summary>
internal sealed class ClusterOfSilos : IAsyncDisposable
{
    public const int Size = 3;

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();
    private readonly string[] settings;
    private readonly List<ServerProcess> silos = [];

    private ClusterOfSilos(PostgresServer postgres, AzuriteServer azurite, IReadOnlyDictionary<string, string> databases, string[] settings)
    {
        (Postgres, Azurite, Databases) = (postgres, azurite, databases);
        this.settings = settings;
        authority.WriteAuthority(folder.Path);
    }

    public PostgresServer Postgres { get; }

    public AzuriteServer Azurite { get; }

    /// <summary>Connection strings by the settings' names: Catalog, Vault, Cluster.</summary>
    public IReadOnlyDictionary<string, string> Databases { get; }

    public IReadOnlyList<ServerProcess> Silos => silos;

    public string KeysPath => folder["keys"];

    /// <param name="more">Section:Key=value, for every silo.</param>
    public static async Task<ClusterOfSilos> StartAsync(params string[] more)
    {
        var azurite = await AzuriteServer.StartAsync();
        var postgres = new PostgresServer();
        var databases = new Dictionary<string, string>();
        foreach (var name in new[] { "Catalog", "Vault", "Cluster" })
        {
            databases.Add(name, await postgres.CreateDatabaseAsync());
        }

        var named = databases.Select(one => $"ConnectionStrings:{one.Key}={one.Value}");
        var cluster = new ClusterOfSilos(postgres, azurite, databases, [.. named, .. more]);
        try
        {
            var started = Enumerable.Range(0, Size).Select(cluster.StartSiloAsync).ToList();
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

    /// <summary>A client of one silo, with a token for everything a test does.</summary>
    public async Task<ArchiveClient> ClientAsync(int silo, string actions = "store,search,read") =>
        await new ArchiveClient(silos[silo].Url, KeysPath).WithTokenAsync(actions);

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

    /// <summary>Starts a silo that was killed or stopped, as a new process.</summary>
    public async Task RestartAsync(int silo)
    {
        await silos[silo].DisposeAsync();
        silos[silo] = await StartSiloAsync(silo);
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

    private async Task<ServerProcess> StartSiloAsync(int silo)
    {
        using var certified = authority.Certify("securestore");
        var (certificate, key) = TestAuthority.Write(folder.Path, $"silo-{silo}", certified);
        return await ServerProcess.StartAsync(
            folder.Path,
            [
                "Catalog:Provider=PostgreSql",
                "Objects:Provider=AzureBlob",
                $"ConnectionStrings:Objects={Azurite.ConnectionString}",
                $"Cluster:SiloPort={ServerProcess.FreePort()}",
                $"Cluster:Certificate={certificate}",
                $"Cluster:CertificateKey={key}",
                $"Cluster:Authority={folder["authority.pem"]}",
                "Tokens:Issuer=http://securestore.test/",
                .. settings,
            ]);
    }
}
