using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>A test's clock, which tells when something begins to wait for it.</summary>
internal sealed class WatchedTime : TimeProvider
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();
    private readonly long _start;

    public WatchedTime() => _start = _clock.GetTimestamp();

    /// <summary>What has passed since the test began.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_start);

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public void Pass(TimeSpan time) => _clock.Advance(time);

    public void ForgetWaits()
    {
        while (_waits.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Returns once something waits, for this long if that is given.</summary>
    public async Task WaitedForAsync(TimeSpan? limit = null)
    {
        TimeSpan wait;
        do
        {
            wait = await _waits.Reader.ReadAsync().AsTask().WaitAsync(TestPeer.Patience);
        }
        while (limit is not null && wait != limit);
    }

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(_clock.CreateTimer(callback, state, dueTime, period), Waits);
        Waits(dueTime);
        return timer;
    }

    private void Waits(TimeSpan due)
    {
        if (due != Timeout.InfiniteTimeSpan)
            _waits.Writer.TryWrite(due);
    }

    private sealed class Timer(ITimer timer, Action<TimeSpan> waits) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            waits(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
