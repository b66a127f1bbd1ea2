using SecureStore.Contracts.Servers;

namespace SecureStore.Bench.Cluster;

/// <summary>One, two or three silos on this machine, set up as a hospital's: PostgreSQL, blobs, a folder of keys, certificates of one authority.</summary>
internal sealed class MeasuredCluster : IAsyncDisposable
{
    private readonly string folder;
    private readonly List<MeasuredServer> silos = [];
    private int next;

    private MeasuredCluster(string folder) => this.folder = folder;

    public int Size => silos.Count;

    public IEnumerable<int> ProcessIds => silos.Select(silo => silo.ProcessId);

    public static async Task<MeasuredCluster> StartAsync(Backends backends, string parent, int size)
    {
        var cluster = new MeasuredCluster(MeasuredServer.NewFolder(parent));
        try
        {
            using var authority = new TestAuthority();
            var settings = new List<string>
            {
                "Catalog:Provider=PostgreSql",
                "Objects:Provider=AzureBlob",
                $"ConnectionStrings:Objects={backends.Azurite.ConnectionString}",
                $"Objects:Container=silos-{size}",
                $"Cluster:Authority={authority.WriteAuthority(cluster.folder)}",
                "Tokens:Issuer=http://securestore.bench/",
                "Metrics:Loopback=true",
            };
            foreach (var database in (string[])["Catalog", "Vault", "Cluster"])
            {
                settings.Add($"ConnectionStrings:{database}={await backends.Postgres.CreateDatabaseAsync()}");
            }

            for (var silo = 0; silo < size; silo++)
            {
                using var certified = authority.Certify("securestore");
                var (certificate, key) = TestAuthority.Write(cluster.folder, $"silo-{silo}", certified);
                cluster.silos.Add(await MeasuredServer.StartSiloAsync(
                    cluster.folder,
                    Path.Combine(cluster.folder, "keys"),
                    [
                        $"Cluster:SiloPort={MeasuredServer.FreePort()}", $"Cluster:Certificate={certificate}", $"Cluster:CertificateKey={key}", .. settings,
                    ]));
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another silo each time, as a load balancer does it.</summary>
    public DicomWebClient NextClient() => silos[(int)((uint)Interlocked.Increment(ref next) % silos.Count)].Client;

    public async Task<GrainTraffic> TrafficAsync() =>
        GrainTraffic.Sum(await Task.WhenAll(silos.Select(async silo => GrainTraffic.Read(await silo.Client.MetricsAsync()))));

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
