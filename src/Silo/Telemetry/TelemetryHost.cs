using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SecureStore.Silo.Telemetry;

/// <summary>
/// Metrics at /metrics; and metrics, traces and logs by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set (docs/operations.md). No value of a
/// patient, a study or a request is in any of them.
/// </summary>
internal static class TelemetryHost
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OrleansMeter = "Microsoft.Orleans";

    /// <summary>Of Orleans' many instruments those that an operator looks at.</summary>
    private static readonly HashSet<string> OfOrleans = new(StringComparer.Ordinal)
    {
        "orleans-app-requests-latency", "orleans-app-requests-timedout", "orleans-grains", "orleans-catalog-activations",
        "orleans-catalog-activation-failed-to-activate", "orleans-messaging-expired", "orleans-messaging-rejected",
        "orleans-messaging-sent-failed", "orleans-messaging-sent-local", "orleans-messaging-sent-messages-size",
        "orleans-messaging-pings-reply-missed", "orleans-watchdog-health-checks-failed", "orleans-scheduler-long-running-turns",
    };

    public static void AddTelemetry(this WebApplicationBuilder builder, MetricsAccess access)
    {
        var propagator = new TraceParentPropagator();
        DistributedContextPropagator.Current = propagator;
        builder.Services.AddSingleton<DistributedContextPropagator>(propagator);
        access.AddPolicy(builder.Services);
        var exports = !string.IsNullOrEmpty(builder.Configuration[Endpoint]);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("securestore", serviceVersion: Version))
            .WithMetrics(metrics => AddMetrics(metrics, exports));
        if (exports)
        {
            // The Azure SDK asks this before it traces its calls.
            AppContext.SetSwitch("Azure.Experimental.EnableActivitySource", true);
            builder.UseOrleans(silo => silo.AddActivityPropagation());
            telemetry.WithTracing(traces => AddTraces(traces.AddProcessor(new DiscreetSpans())).AddOtlpExporter());
            telemetry.WithLogging(logs => logs.AddOtlpExporter());
        }
    }

    public static void MapMetrics(this WebApplication app) =>
        app.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(MetricsAccess.Policy);

    /// <summary>What is traced: requests, calls of grains, calls of Azure's blobs. Whoever adds an exporter puts <see cref="DiscreetSpans"/> before it.</summary>
    internal static TracerProviderBuilder AddTraces(TracerProviderBuilder traces) => traces
        .AddAspNetCoreInstrumentation(Configure)
        .AddSource("Microsoft.Orleans.Application", "Azure.Storage.Blobs.*", "Azure.Core.Http");

    private static string? Version => typeof(TelemetryHost).Assembly.GetName().Version?.ToString(3);

    private static void AddMetrics(MeterProviderBuilder metrics, bool exports)
    {
        metrics
            .AddMeter("SecureStore.Grains", "SecureStore.Silo", "Microsoft.AspNetCore.Hosting", OrleansMeter)
            .AddRuntimeInstrumentation()
            .AddView(instrument =>
                instrument.Meter.Name == OrleansMeter && !OfOrleans.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null)
            .AddPrometheusExporter();
        if (exports)
        {
            metrics.AddOtlpExporter();
        }
    }

    private static void Configure(AspNetCoreTraceInstrumentationOptions options)
    {
        options.RecordException = false;
        options.Filter = static context =>
            !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) && context.Request.Path != "/metrics";
    }
}
