namespace SecureStore.EndToEnd;

/// <summary>
/// Stands still until a test sets it. Timers go on by the machine's clock: Orleans is built on them, and a test that turns years would
/// have it wait for years.
/// </summary>
internal sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    private long ticks = now.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public void SetUtcNow(DateTimeOffset to) => Interlocked.Exchange(ref ticks, to.UtcTicks);
}
