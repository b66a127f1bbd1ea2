namespace SecureStore.Silo.Dimse;

/// <summary>Log lines that anybody who can connect can cause: some in ten seconds, and how many were left out.</summary>
internal sealed class StrangersLog(ILogger<DimseListener> logger, TimeProvider clock)
{
    public const int MostLines = 20;

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private DateTimeOffset next = DateTimeOffset.MinValue;
    private long lines;

    public void Write(Action<ILogger> line)
    {
        var before = 0L;
        lock (gate)
        {
            if (clock.GetUtcNow() is var now && now >= next)
            {
                (next, before, lines) = (now + Period, Math.Max(0, lines - MostLines), 0);
            }

            if (++lines > MostLines)
            {
                return;
            }
        }

        if (before > 0)
        {
            logger.LogWarning("{Count} more connections and associations were refused before, and are not listed.", before);
        }

        line(logger);
    }
}
