using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

public sealed class ReadinessTests
{
    private readonly FakeTimeProvider time = new();
    private readonly Dictionary<string, HealthStatus> parts = new() { ["vault"] = HealthStatus.Healthy, ["catalog"] = HealthStatus.Healthy };
    private int looks;

    [Fact]
    public async Task Parts_that_are_not_ready_are_named_in_order()
    {
        using var readiness = Create();
        Assert.Empty(await readiness.MissingAsync(default));
        parts["vault"] = parts["catalog"] = HealthStatus.Unhealthy;
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["catalog", "vault"], await readiness.MissingAsync(default));
        parts["vault"] = parts["catalog"] = HealthStatus.Healthy;
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(await readiness.MissingAsync(default));
    }

    [Fact]
    public async Task Whoever_asks_often_costs_one_look_a_second()
    {
        using var readiness = Create();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => readiness.MissingAsync(default)));
        Assert.Equal(parts.Count, looks);
        time.Advance(TimeSpan.FromSeconds(2));
        await readiness.MissingAsync(default);
        Assert.Equal(2 * parts.Count, looks);
    }

    [Fact]
    public async Task A_stop_makes_it_unready_at_once_and_the_server_goes_on_for_the_delay()
    {
        using var readiness = Create();
        Assert.Empty(await readiness.MissingAsync(default));
        var draining = new Draining(readiness, TimeSpan.FromSeconds(10), time).StoppingAsync(default);
        Assert.Equal([Readiness.Stopping], await readiness.MissingAsync(default));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(draining.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await draining;
    }

    private Readiness Create()
    {
        var services = new ServiceCollection().AddLogging();
        foreach (var part in parts.Keys)
        {
            services.AddHealthChecks().AddCheck(part, () =>
            {
                Interlocked.Increment(ref looks);
                return new HealthCheckResult(parts[part]);
            });
        }

        return new Readiness(services.BuildServiceProvider().GetRequiredService<HealthCheckService>(), time, NullLogger<Readiness>.Instance);
    }
}
