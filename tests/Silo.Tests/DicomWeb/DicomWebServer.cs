using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Imaging;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests;

/// <summary>STOW-RS and WADO-RS on a real Kestrel, on a free loopback port, over a store and a reader in memory.</summary>
internal sealed class DicomWebServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DicomWebServer(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", "token");
    }

    public HttpClient Client { get; }

    public MemoryStudies Studies { get; } = new();

    public CodecPool Codecs => _app.Services.GetRequiredService<CodecPool>();

    /// <summary>Every route that is mapped.</summary>
    public IEnumerable<RouteEndpoint> Routes => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public static async Task<DicomWebServer> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddDicomWeb(builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(CodecSettings.Read(builder.Configuration)).AddSingleton<CodecPool>()
            .AddSingleton(RenderSettings.Read(builder.Configuration));
        DicomWebServer? server = null;
        builder.Services.AddSingleton<IStudyStore>(_ => server!.Studies).AddSingleton<IStudyReader>(_ => server!.Studies);
        var app = builder.Build();
        app.UseDicomWebCors();
        app.Use(async (context, next) =>
        {
            if (context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var raw])
            {
                context.Features.Set(new CallerToken(raw, Token));
            }

            await next();
        });
        app.MapDicomWeb();
        await app.StartAsync();
        return server = new DicomWebServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static PolicyToken Token { get; } = new()
    {
        Id = "1",
        Subject = "somebody",
        Issuer = "https://issuer.example",
        NotBefore = DateTimeOffset.UnixEpoch,
        Expires = DateTimeOffset.MaxValue,
        Grants = [],
    };
}
