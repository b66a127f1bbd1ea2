using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SecureStore.EndToEnd;

/// <summary>Takes what an archive exports by OTLP over HTTP, and keeps it as it came.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly WebApplication application;
    private readonly ConcurrentQueue<(string Signal, byte[] Body)> received;
    private readonly SemaphoreSlim arrived;

    private OtlpCollector(WebApplication application, ConcurrentQueue<(string Signal, byte[] Body)> received, SemaphoreSlim arrived) =>
        (this.application, this.received, this.arrived) = (application, received, arrived);

    /// <summary>Section:Key=value, for the archive that is to export here.</summary>
    public string[] Settings =>
    [
        $"OTEL_EXPORTER_OTLP_ENDPOINT={application.Urls.Single()}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_BSP_SCHEDULE_DELAY=200",
        "OTEL_BLRP_SCHEDULE_DELAY=200", "OTEL_METRIC_EXPORT_INTERVAL=500", "OTEL_BSP_MAX_QUEUE_SIZE=100000",
    ];

    public byte[] Everything => [.. received.SelectMany(one => one.Body)];

    public static async Task<OtlpCollector> StartAsync()
    {
        var received = new ConcurrentQueue<(string, byte[])>();
        var arrived = new SemaphoreSlim(0);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue((signal, body.ToArray()));
            arrived.Release();
        });
        await application.StartAsync();
        return new OtlpCollector(application, received, arrived);
    }

    /// <summary>Returns once a text has come in a signal: traces, metrics or logs.</summary>
    public async Task ReceivedAsync(string signal, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        while (!received.Any(one => one.Signal == signal && one.Body.AsSpan().IndexOf(bytes) >= 0))
        {
            Assert.True(await arrived.WaitAsync(Limit), $"'{text}' has not come among the {signal}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        arrived.Dispose();
    }
}
