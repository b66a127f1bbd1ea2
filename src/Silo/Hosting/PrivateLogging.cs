namespace SecureStore.Silo.Hosting;

/// <summary>
/// Frameworks write what passes through them into their lower log levels: paths with UIDs, query strings with patient names, token
/// requests. So, whatever the settings say, only the archive's own categories may log below Warning.
/// </summary>
internal sealed class PrivateLogging(ILoggerFactory inner) : ILoggerFactory
{
    /// <summary>Puts itself in front of the logger factory that is registered by now.</summary>
    public static void Add(IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(ILoggerFactory));
        services.Remove(registered);
        services.AddSingleton<ILoggerFactory>(provider => new PrivateLogging(
            (ILoggerFactory)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!)));
    }

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        return IsOurs(categoryName) ? logger : new FromWarningOn(logger);
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private static bool IsOurs(string category) =>
        category.StartsWith("SecureStore.", StringComparison.Ordinal) || category == "Microsoft.Hosting.Lifetime";

    private sealed class FromWarningOn(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
