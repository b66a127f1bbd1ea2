using Microsoft.Extensions.Time.Testing;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>The grains' view of a test's clock: it tells when one of them begins to wait.</summary>
internal sealed class TurnedTime(FakeTimeProvider clock) : TimeProvider
{
    public event Action? TimerCreated;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = clock.CreateTimer(callback, state, dueTime, period);
        TimerCreated?.Invoke();
        return timer;
    }
}
