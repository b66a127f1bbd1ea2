using SecureStore.Contracts.Servers;

namespace SecureStore.Bench.Cluster;

/// <summary>The PostgreSQL and the Azurite that all measured clusters use: each has databases and a container of its own there.</summary>
internal sealed class Backends : IAsyncDisposable
{
    private Backends(AzuriteServer azurite) => Azurite = azurite;

    public PostgresServer Postgres { get; } = new();

    public AzuriteServer Azurite { get; }

    public static async Task<Backends> StartAsync() => new(await AzuriteServer.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await Azurite.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
