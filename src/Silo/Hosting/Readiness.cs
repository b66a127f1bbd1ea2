using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// Whether the archive can do its work: each part is looked at, side by side and for a bounded time. What a look found holds for a
/// second, so that whoever asks often costs no more than one who does not.
/// </summary>
internal sealed class Readiness(HealthCheckService checks, TimeProvider time, ILogger<Readiness> logger) : IDisposable
{
    /// <summary>A part that has not answered by then is not ready.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What is missing once the archive stops.</summary>
    public const string Stopping = "stopping";

    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim looking = new(1);
    private (long At, IReadOnlyList<string> Missing)? found;
    private volatile bool stopping;

    /// <summary>From here on the archive is not ready, whatever its parts say.</summary>
    public void Stop() => stopping = true;

    /// <summary>The names of the parts that are not ready, in order.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(CancellationToken cancellation)
    {
        if (stopping)
        {
            return [Stopping];
        }

        await looking.WaitAsync(cancellation);
        try
        {
            if (found is not { } last || time.GetElapsedTime(last.At) > Age)
            {
                var report = await checks.CheckHealthAsync(CancellationToken.None);
                string[] missing = [.. report.Entries.Where(part => part.Value.Status != HealthStatus.Healthy).Select(part => part.Key).Order(StringComparer.Ordinal)];
                Log(missing);
                found = last = (time.GetTimestamp(), missing);
            }

            return stopping ? [Stopping] : last.Missing;
        }
        finally
        {
            looking.Release();
        }
    }

    public void Dispose() => looking.Dispose();

    private void Log(string[] missing)
    {
        if (missing.SequenceEqual(found?.Missing ?? []))
        {
            return;
        }

        if (missing.Length == 0)
        {
            logger.LogInformation("The archive is ready again.");
        }
        else
        {
            logger.LogWarning("The archive is not ready: {Missing}.", string.Join(", ", missing));
        }
    }
}
