using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

public sealed class MaintenanceTests
{
    [Fact]
    public async Task Whatever_fails_is_told_by_its_type_and_tried_again_until_the_stop()
    {
        var (time, lines) = (new WatchedTime(), new Lines());
        using var stopping = new CancellationTokenSource();
        var failures = new Queue<Exception>(
        [
            new StorageUnavailableException("secret"), new VaultIntegrityException("secret"), new AuditLogDamagedException("secret"),
            new PostgresException("secret", "ERROR", "ERROR", "42501"), new OperationCanceledException("secret"),
        ]);
        var done = 0;
        var running = Maintenance.RepeatAsync("It", () => TimeSpan.FromHours(1), ActAsync, time, lines, stopping.Token);
        while (done == 0)
        {
            await time.WaitedForAsync();
            time.Advance(TimeSpan.FromHours(1));
        }

        await stopping.CancelAsync();
        await running;
        Assert.Equal(
            new[] { "StorageUnavailable", "VaultIntegrity", "AuditLogDamaged", "Postgres", "OperationCanceled" }.Select(kind => $"It failed and will be tried again: {kind}Exception."),
            lines);

        Task ActAsync() => failures.TryDequeue(out var failure) ? Task.FromException(failure) : Task.FromResult(++done);
    }

    /// <summary>A clock that tells when something waits for it.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> waits = Channel.CreateUnbounded<TimeSpan>();

        public async Task WaitedForAsync() => await waits.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            waits.Writer.TryWrite(dueTime);
            return timer;
        }
    }

    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception));
    }
}
