using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SecureStore.Silo.Hosting;

namespace SecureStore.EndToEnd;

/// <summary>The whole archive inside the test process, where a test turns its clock.</summary>
internal sealed class InProcessArchive : IAsyncDisposable
{
    private readonly TemporaryFolder? owned;
    private readonly WebApplication application;

    private InProcessArchive(WebApplication application, TemporaryFolder? owned, string folder)
    {
        (this.application, this.owned, Folder) = (application, owned, folder);
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Url = addresses.Addresses.Single();
        Client = new ArchiveClient(Url, KeysPath);
    }

    public string Folder { get; }

    public string Url { get; }

    public string DataPath => Path.Combine(Folder, "data");

    public string KeysPath => Path.Combine(Folder, "keys");

    public ArchiveClient Client { get; }

    public IServiceProvider Services => application.Services;

    /// <param name="clock">The archive's clock, or null for the real one.</param>
    /// <param name="folder">A folder to keep beyond the archive, or null for one that goes with it.</param>
    /// <param name="settings">Section:Key=value.</param>
    public static async Task<InProcessArchive> StartAsync(TimeProvider? clock = null, string? folder = null, params string[] settings)
    {
        var owned = folder is null ? new TemporaryFolder() : null;
        folder ??= owned!.Path;
        string[] args =
        [
            "--urls", "http://127.0.0.1:0", $"--Data:Path={Path.Combine(folder, "data")}", $"--Keys:Path={Path.Combine(folder, "keys")}",
            // A clock that jumps by years worries the runtime.
            "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Orleans=None", "--Logging:LogLevel:Polly=None", "--Dimse:Port=0",
            .. settings.Select(setting => "--" + setting),
        ];
        var application = await ArchiveHost.BuildAsync(args, clock);
        await application.StartAsync();
        return new InProcessArchive(application, owned, folder);
    }

    /// <summary>Stops it in good order.</summary>
    public Task StopAsync() => application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await application.StopAsync();
        await application.DisposeAsync();
        owned?.Dispose();
    }
}
