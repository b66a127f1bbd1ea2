using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Api;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Dimse;
using SecureStore.Silo.Imaging;
using SecureStore.Silo.Search;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Telemetry;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Hosting;

/// <summary>Puts the archive together: settings, keys, storage, grains and the way in and out.</summary>
internal static class ArchiveHost
{
    /// <summary>Bytes in the body of any request that is not STOW-RS.</summary>
    private const long MaxSmallBody = 1024 * 1024;

    /// <summary>How long requests may take to end, and grains to move, when the archive stops.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

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
        KubernetesHosting.IsOn(builder.Configuration);
        var metricsAccess = MetricsAccess.Read(builder.Configuration);
        AddStorage(builder.Services, settings);
        DimseListener.RequirePort(settings.Dimse);
        var membership = OpenMembership(settings.Cluster);
        var opened = await VaultStart.OpenAsync(settings, time);
        builder.WebHost.UseUrls([.. settings.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxSmallBody;
        });
        builder.Services.AddSingleton(time).AddSingleton(settings).AddSingleton(_ => opened).AddSingleton(opened.Vault).AddSingleton(opened.Store).AddSingleton(settings.Retention).AddSingleton(settings.Studies)
            .AddSingleton(settings.Integrity);
        builder.Services.AddTokens(builder.Configuration);
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.AddTelemetry(metricsAccess);
        builder.Services.AddDicomWeb(builder.Configuration);
        builder.Services.AddSearch();
        builder.Services.AddSingleton(settings.Codecs).AddSingleton(settings.Rendering).AddSingleton<CodecPool>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<IStudyStore, StudyStore>();
        builder.Services.AddSingleton<StudyReader>().AddSingleton<IStudyReader>(services => services.GetRequiredService<StudyReader>());
        builder.Services.AddIntegrity();
        builder.Services.AddSingleton<StudyFactsReader>().AddSingleton<RetentionPlan>().AddSingleton<RetentionSweep>().AddSingleton<EpochTurns>().AddScoped<StudyGate>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopLimit + settings.DrainDelay);
        builder.UseOrleans(silo => ConfigureSilo(silo, settings.Cluster, membership));
        builder.Services.AddHostedService<Maintenance>();
        builder.Services.AddDimse(settings.Dimse, settings.Cluster is null);
        builder.Services.AddHealth(settings);
        // Its warnings at start are about the collector's mode, which is a choice of ours (bounded memory).
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        // What is not ready is said once, not at each question.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        PrivateLogging.Add(builder.Services);

        var app = builder.Build();
        await OpenStoresAsync(app.Services, settings, app.Services.GetRequiredService<VaultStart>());

        app.UseDicomWebCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapDicomWeb();
        app.MapArchive();
        app.MapMetrics();
        app.MapHealth();
        app.Lifetime.ApplicationStarted.Register(() => Announce(app, settings));
        _ = opened.Membership?.Lost.ContinueWith(_ => StopForAnother(app), TaskScheduler.Default);
        return app;
    }

    /// <summary>What a start with others can fail on is looked at before it makes anything.</summary>
    private static NpgsqlDataSource? OpenMembership(ClusterSettings? cluster)
    {
        if (cluster is null)
        {
            return null;
        }

        _ = new ClusterIdentity(cluster, TimeProvider.System, NullLogger<ClusterIdentity>.Instance);
        return ClusterDatabase.Open(cluster.Database);
    }

    private static void AddStorage(IServiceCollection services, Settings settings)
    {
        if (settings.Storage.PostgreSql is { Catalog: var database })
        {
            services.AddPostgreSqlCatalog(database).AddPostgreSqlAudit(database).AddPostgreSqlTokens(database);
        }
        else
        {
            services.AddSqliteCatalog(settings.DataPath).AddEmbeddedAudit(settings.DataPath);
        }

        if (settings.Storage.AzureBlob is { } blobs)
        {
            services.AddAzureBlobObjects(blobs.Connection, blobs.Container);
        }
        else
        {
            services.AddFolderObjects(settings.DataPath);
        }
    }

    private static void ConfigureSilo(ISiloBuilder silo, ClusterSettings? cluster, NpgsqlDataSource? membership)
    {
        if (cluster is not null && membership is not null)
        {
            SiloHosting.ConfigureCluster(silo, cluster, membership);
            silo.AddOtherSilos();
        }
        else
        {
            SiloHosting.ConfigureAlone(silo);
            silo.Services.AddNoOtherSilos();
        }
    }

    /// <summary>Opens the stores now, so that damage stops the start and not the first request.</summary>
    private static async Task OpenStoresAsync(IServiceProvider services, Settings settings, VaultStart opened)
    {
        try
        {
            services.GetRequiredService<ICatalog>();
            services.GetRequiredService<IObjectStore>();
            await services.OpenAuditAsync(opened.IsFirst, settings.AcceptHead);
            var tokens = services.GetRequiredService<TokenStore>();
            if (opened.IsFirst)
            {
                await AdminClient.CreateAsync(settings.KeysPath, tokens);
            }

            await opened.CompleteAsync();
        }
        catch (Exception wrong) when (wrong is AuditLogDamagedException or InvalidDataException or StorageUnavailableException or IOException)
        {
            throw new SettingException(settings.Storage.PostgreSql is null
                ? $"Data:Path: {settings.DataPath} cannot be used: {wrong.Message}"
                : $"ConnectionStrings:Catalog or what belongs to it cannot be used: {wrong.Message}");
        }
    }

    private static void StopForAnother(WebApplication app)
    {
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger<VaultStart>().LogCritical(
            "Another process opened the vault while this one could not reach its database; this one stops.");
        app.Lifetime.StopApplication();
    }

    private static void Announce(WebApplication app, Settings settings)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Console.Out.WriteLine(Banner.Text(settings, addresses, Environment.CurrentDirectory));
    }
}
