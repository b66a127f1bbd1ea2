namespace SecureStore.Silo.Hosting;

/// <summary>
/// Frameworks write what passes through them into their lower log levels: paths with UIDs, query strings with patient names, token
/// requests. So, whatever the settings say, only the archive's own categories may log below Warning. Messages of exceptions
/// repeat what could not be read, so of an exception its types and where it came from are logged, whoever logs it.
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
        return new Discreet(logger, IsOurs(categoryName) ? LogLevel.Trace : LogLevel.Warning);
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private static bool IsOurs(string category) =>
        category.StartsWith("SecureStore.", StringComparison.Ordinal) || category == "Microsoft.Hosting.Lifetime";

    private sealed class Discreet(ILogger logger, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= least)
            {
                logger.Log(logLevel, eventId, Text(state, exception, formatter), null, static (text, _) => text);
            }
        }

        private static string Text<TState>(TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state as IEnumerable<KeyValuePair<string, object?>> ?? [];
            var text = values.Any(value => value.Value is Exception)
                ? values.LastOrDefault(value => value.Key == "{OriginalFormat}").Value?.ToString() ?? ""
                : formatter(state, null);
            return exception is null ? text : $"{text} {Describe(exception)}";
        }

        private static string Describe(Exception exception)
        {
            var types = new List<string>();
            for (var cause = exception; cause is not null; cause = cause.InnerException)
            {
                types.Add(cause.GetType().FullName ?? cause.GetType().Name);
            }

            return $"[{string.Join(" <- ", types)}]{Environment.NewLine}{exception.StackTrace}";
        }
    }
}
