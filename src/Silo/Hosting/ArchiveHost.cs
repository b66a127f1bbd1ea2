using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Orleans.Configuration;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Api;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Search;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Hosting;

/// <summary>Puts the archive together: settings, keys, storage, grains and the way in and out.</summary>
internal static class ArchiveHost
{
    /// <summary>Bytes in the body of any request that is not STOW-RS.</summary>
    private const long MaxSmallBody = 1024 * 1024;

    /// <exception cref="SettingException">A setting is wrong, or what it points to.</exception>
    public static async Task<WebApplication> BuildAsync(string[] args, TimeProvider? clock = null)
    {
        var time = clock ?? TimeProvider.System;
        Durable.CreateFilesForOwnerOnly();

        // Never the development environment, whose error pages show requests and their tokens.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args, ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production,
        });
        builder.Configuration.AddEnvironmentVariables("SECURESTORE_").AddCommandLine(args);
        Settings.RefuseUnknownSections(new ConfigurationBuilder().AddEnvironmentVariables("SECURESTORE_").AddCommandLine(args).Build());
        var settings = Settings.Read(builder.Configuration);
        DicomWebRoutes.Check(builder.Configuration.GetSection(DicomWebOptions.Section));
        var opened = await VaultStart.OpenAsync(settings, time);
        builder.WebHost.UseUrls([.. settings.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxSmallBody;
        });
        builder.Services.AddSingleton(time).AddSingleton(settings).AddSingleton(opened.Vault).AddSingleton(settings.Retention).AddSingleton(settings.Studies)
            .AddSingleton(settings.Integrity);
        builder.Services.AddEmbeddedStorage(settings.DataPath);
        builder.Services.AddEmbeddedAudit(settings.DataPath);
        builder.Services.AddTokens(builder.Configuration);
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddDicomWeb(builder.Configuration);
        builder.Services.AddSearch();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<IStudyStore, StudyStore>();
        builder.Services.AddSingleton<StudyReader>().AddSingleton<IStudyReader>(services => services.GetRequiredService<StudyReader>());
        builder.Services.AddIntegrity();
        builder.Services.AddSingleton<StudyFactsReader>().AddSingleton<RetentionPlan>().AddScoped<StudyGate>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.UseOrleans(silo => ConfigureSilo(silo, time));
        builder.Services.AddHostedService<Maintenance>();
        // Its warnings at start are about the collector's mode, which is a choice of ours (bounded memory).
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        PrivateLogging.Add(builder.Services);

        var app = builder.Build();
        await OpenStoresAsync(app.Services, settings, opened.IsFirst);

        app.UseDicomWebCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapDicomWeb();
        app.MapArchive();
        app.MapGet("/health/live", () => TypedResults.Text("live")).AllowAnonymous();
        app.MapGet("/health/ready", () => TypedResults.Text("ready")).AllowAnonymous();
        app.Lifetime.ApplicationStarted.Register(() => Announce(app, settings));
        app.Lifetime.ApplicationStopped.Register(opened.Dispose);
        return app;
    }

    /// <summary>Opens what is under Data:Path now, so that damage stops the start and not the first request.</summary>
    private static async Task OpenStoresAsync(IServiceProvider services, Settings settings, bool isFirst)
    {
        try
        {
            services.GetRequiredService<ICatalog>();
            services.GetRequiredService<IObjectStore>();
            await services.OpenAuditAsync(isFirst, settings.AcceptHead);
            var tokens = services.GetRequiredService<TokenStore>();
            if (isFirst)
            {
                await AdminClient.CreateAsync(settings.KeysPath, tokens);
            }
        }
        catch (Exception wrong) when (wrong is AuditLogDamagedException or InvalidDataException or StorageUnavailableException or IOException)
        {
            throw new SettingException($"Data:Path: {settings.DataPath} cannot be used: {wrong.Message}");
        }
    }

    /// <summary>One silo on loopback, no gateway: what listens speaks mutual TLS with a certificate that only this process has.</summary>
    private static void ConfigureSilo(ISiloBuilder silo, TimeProvider time)
    {
        var port = FreePort();
        var tls = SiloTls.CreateInMemory(TimeProvider.System);
        silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, port));
        silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = "securestore");
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = IPAddress.Loopback;
            endpoint.SiloPort = port;
            endpoint.GatewayPort = 0;
        });
        silo.Configure<SiloConnectionOptions>(tls.Configure);
        silo.Services.AddSingleton(tls);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static void Announce(WebApplication app, Settings settings)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Console.Out.WriteLine(Banner.Text(settings, addresses, Environment.CurrentDirectory));
    }
}
