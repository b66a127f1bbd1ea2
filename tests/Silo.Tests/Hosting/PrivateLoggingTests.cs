using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

public sealed class PrivateLoggingTests : IDisposable
{
    private const string Secret = "PLANTED^NAME";

    private readonly Lines lines = new();

    public void Dispose() => lines.Dispose();

    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel")]
    [InlineData("Orleans.Runtime.Something")]
    [InlineData("SecureStore.Silo.Storage.FolderObjectStore")]
    public void Of_an_exception_its_types_are_logged_and_never_its_message(string category)
    {
        using var services = Services();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
        var exception = new InvalidOperationException($"Outer {Secret}", new FormatException($"The input string '{Secret}' was not in a correct format."));
        logger.LogError(exception, "It failed.");
        logger.LogWarning("A call failed: {Exception}", exception);

        var text = lines.Text.ToString();
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.Contains("It failed. [System.InvalidOperationException <- System.FormatException]", text, StringComparison.Ordinal);
        Assert.Contains("A call failed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Below_Warning_only_the_archives_own_categories_are_heard()
    {
        using var services = Services();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        loggers.CreateLogger("Microsoft.AspNetCore.Hosting").LogInformation("Request {Path}", Secret);
        loggers.CreateLogger("SecureStore.Silo").LogInformation("Own");
        Assert.Equal("Own" + Environment.NewLine, lines.Text.ToString());
    }

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines));
        PrivateLogging.Add(services);
        return services.BuildServiceProvider();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public StringBuilder Text { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Text.AppendLine(formatter(state, exception));
            if (exception is not null)
            {
                Text.AppendLine(exception.ToString());
            }
        }

        public void Dispose()
        {
        }
    }
}
