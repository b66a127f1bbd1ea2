using SecureStore.EndToEnd;

[assembly: AssemblyFixture(typeof(Archives))]

namespace SecureStore.EndToEnd;

/// <summary>How an archive runs.</summary>
public enum Mode
{
    /// <summary>One silo with files in a folder.</summary>
    Embedded,

    /// <summary>Three silos behind a load balancer.</summary>
    Cluster,
}

/// <summary>Archives for tests that hold in every mode. The cluster is one for all tests, started when the first of them asks.</summary>
public sealed class Archives : IAsyncDisposable
{
    private readonly Lazy<Task<ClusterOfSilos>> cluster = new(() => ClusterOfSilos.StartAsync());

    /// <summary>For tests that leave its silos as they are.</summary>
    internal Task<ClusterOfSilos> ClusterAsync() => cluster.Value;

    /// <summary>An archive; an embedded one holds nothing yet, the cluster what other tests have stored.</summary>
    internal async Task<Archive> StartAsync(Mode mode)
    {
        if (mode == Mode.Embedded)
        {
            var embedded = await InProcessArchive.StartAsync();
            return new Archive(embedded.Client, embedded);
        }

        var silos = await ClusterAsync();
        return new Archive(new ArchiveClient(silos.Silos[0].Url, silos.KeysPath, new RoundRobin(silos.Silos)), null);
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster.IsValueCreated)
        {
            await (await cluster.Value).DisposeAsync();
        }
    }

    /// <summary>Sends each request to the next silo, as a load balancer does.</summary>
    private sealed class RoundRobin(IReadOnlyList<ServerProcess> silos) : DelegatingHandler(new SocketsHttpHandler())
    {
        private uint next;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var silo = silos[(int)(Interlocked.Increment(ref next) % silos.Count)];
            request.RequestUri = new Uri(new Uri(silo.Url), request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>An archive in one mode or another, as its callers see it.</summary>
internal sealed class Archive(ArchiveClient client, IAsyncDisposable? own) : IAsyncDisposable
{
    public ArchiveClient Client => client;

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }
}
