using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Silo.Dimse;

namespace SecureStore.Silo.Tests.Dimse;

public class StrangersLogTests
{
    [Fact]
    public void A_flood_of_strangers_is_some_lines_and_a_count()
    {
        var (lines, clock) = (new Lines(), new FakeTimeProvider());
        var log = new StrangersLog(lines, clock);
        for (var i = 0; i < 1000; i++)
        {
            log.Write(logger => logger.LogWarning("A stranger."));
        }

        Assert.Equal(StrangersLog.MostLines, lines.Count);
        clock.Advance(StrangersLog.Period);
        log.Write(logger => logger.LogWarning("A stranger."));
        Assert.Equal(["980 more connections and associations were refused before, and are not listed.", "A stranger."], lines[StrangersLog.MostLines..]);
    }

    private sealed class Lines : List<string>, ILogger<DimseListener>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception));
    }
}
