namespace SecureStore.Contracts.Servers;

/// <summary>One Azurite for all tests of an assembly, started when the first of them asks. Tests that disturb it start one of their own.</summary>
public sealed class SharedAzurite : IAsyncDisposable
{
    private readonly Lazy<Task<AzuriteServer>> server = new(() => AzuriteServer.StartAsync());

    public Task<AzuriteServer> GetAsync() => server.Value;

    public async ValueTask DisposeAsync()
    {
        if (server.IsValueCreated)
            await (await server.Value).DisposeAsync();
    }
}
