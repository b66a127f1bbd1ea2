using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Net.Http.Headers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// The health endpoints. <c>/health/live</c> answers while the process works at all; <c>/health/ready</c> is 200 while this silo can store and
/// serve, and 503 with the names of the parts that keep it from that.
/// </summary>
internal static class Health
{
    private const int RetryAfterSeconds = 5;

    public static IServiceCollection AddHealth(this IServiceCollection services, Settings settings)
    {
        services.AddHealthChecks()
            .AddPart("audit", (parts, cancellation) => IgnoreAsync(parts.GetRequiredService<IAuditStore>().HeadAsync(cancellation)))
            .AddPart("catalog", (parts, cancellation) => IgnoreAsync(parts.GetRequiredService<ICatalog>().LatestChangeAsync(cancellation)))
            .AddPart("keys", (_, _) => FileRootKey.Exists(settings.KeysPath) ? Task.CompletedTask : throw new IOException("The folder of keys is not there."))
            .AddPart("membership", (parts, _) => RequireActive(parts.GetRequiredService<ISiloStatusOracle>()))
            .AddPart("objects", (parts, cancellation) => LookAsync(parts.GetRequiredService<IObjectStore>(), cancellation))
            .AddPart("search", (parts, cancellation) => parts.GetRequiredService<CatalogFollower>().CatchUpAsync(cancellation).AsTask())
            .AddPart("vault", (parts, cancellation) => RequireServicePageAsync(parts.GetRequiredService<IVaultStore>(), cancellation));
        services.AddSingleton(parts => new Readiness(
            parts.GetRequiredService<HealthCheckService>(), TimeProvider.System, parts.GetRequiredService<ILogger<Readiness>>()));
        services.AddHostedService(parts => new Draining(parts.GetRequiredService<Readiness>(), settings.DrainDelay, TimeProvider.System));
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("live")).AllowAnonymous();
        routes.MapGet("/health/ready", AnswerAsync).AllowAnonymous();
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, Readiness readiness)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await readiness.MissingAsync(context.RequestAborted) is not { Count: > 0 } missing)
        {
            return TypedResults.Text("ready");
        }

        context.Response.Headers[HeaderNames.RetryAfter] = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Text("not ready: " + string.Join(", ", missing), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static IHealthChecksBuilder AddPart(this IHealthChecksBuilder checks, string name, Func<IServiceProvider, CancellationToken, Task> look) =>
        checks.Add(new HealthCheckRegistration(name, parts => new Part(cancellation => look(parts, cancellation)), HealthStatus.Unhealthy, [], Readiness.Patience));

    private static async Task IgnoreAsync<T>(ValueTask<T> look) => _ = await look;

    private static Task RequireActive(ISiloStatusOracle membership) =>
        membership.CurrentStatus == SiloStatus.Active ? Task.CompletedTask : throw new InvalidOperationException("The silo is no active member.");

    /// <summary>A look at what is not there tells that the store answers.</summary>
    private static async Task LookAsync(IObjectStore objects, CancellationToken cancellation)
    {
        await foreach (var _ in objects.ListSegmentsAsync(StudyHandle.New(), cancellation))
        {
        }
    }

    private static async Task RequireServicePageAsync(IVaultStore vault, CancellationToken cancellation)
    {
        if (await vault.IsEmptyAsync(cancellation))
        {
            throw new InvalidDataException("The vault is empty.");
        }
    }

    private sealed class Part(Func<CancellationToken, Task> look) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await look(cancellationToken).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
