using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orleans.Configuration;

namespace SecureStore.Silo.Hosting;

/// <summary>Orleans as the archive uses it. No gateway in any mode: what listens speaks mutual TLS with the cluster's silos alone.</summary>
internal static class SiloHosting
{
    /// <summary>One silo on loopback, with a certificate that only this process has.</summary>
    public static void ConfigureAlone(ISiloBuilder silo)
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        silo.UseDevelopmentClustering(endpoint);
        silo.Services.AddSingleton<ISiloIdentity>(_ => new ProcessIdentity(TimeProvider.System));
        Configure(silo, "securestore", endpoint);
    }

    /// <summary>One of several silos that find one another in a database.</summary>
    /// <param name="silo">Gets membership, reminders and the silo port.</param>
    /// <param name="cluster">The settings; the certificate is checked by now.</param>
    /// <param name="database">The database, its schema up to date; closed with the silo.</param>
    public static void ConfigureCluster(ISiloBuilder silo, ClusterSettings cluster, NpgsqlDataSource database)
    {
        silo.Services.AddSingleton(_ => database);
        silo.UseAdoNetClustering(options => options.Configure<NpgsqlDataSource>(
            (clustering, source) => (clustering.Invariant, clustering.DataSource) = (ClusterDatabase.Invariant, source)));
        silo.UseAdoNetReminderService(options => options.Configure<NpgsqlDataSource>(
            (reminders, source) => (reminders.Invariant, reminders.DataSource) = (ClusterDatabase.Invariant, source)));
        silo.Configure<ClusterMembershipOptions>(DetectFailures);
        silo.Services.AddSingleton<ISiloIdentity>(services => new ClusterIdentity(cluster, TimeProvider.System, services.GetRequiredService<ILogger<ClusterIdentity>>()));
        Configure(silo, cluster.Id, cluster.Endpoint);
        silo.UseKubernetes(cluster.Id);
    }

    /// <summary>docs/decisions/0011-failure-detection.md says why.</summary>
    internal static void DetectFailures(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1.5);
        options.MinProbeTimeout = TimeSpan.FromSeconds(0.75);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        options.NumMissedProbesLimit = 3;
        options.NumVotesForDeathDeclaration = 2;
        options.DeathVoteExpirationTimeout = TimeSpan.FromSeconds(60);
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        options.NumMissedTableIAmAliveLimit = 3;
    }

    private static void Configure(ISiloBuilder silo, string id, IPEndPoint endpoint)
    {
        silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = id);
        silo.Configure<EndpointOptions>(endpoints =>
            (endpoints.AdvertisedIPAddress, endpoints.SiloPort, endpoints.GatewayPort) = (endpoint.Address, endpoint.Port, 0));
        silo.Services.AddSingleton(services => new SiloTls(
            services.GetRequiredService<ISiloIdentity>(), TimeProvider.System, services.GetRequiredService<ILogger<SiloTls>>()));
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<SiloTls>((connections, tls) => tls.Configure(connections));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
