using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// A viewing session: a read lease and the open study key, shared by the requests of one token. Closing waits until no request
/// releases a byte any more; only then the key is gone from memory. It begins with one user, who has to <see cref="Exit"/>.
/// </summary>
internal sealed class OpenStudy(
    string name, StudyHandle study, IStudyGrain grain, Guid lease, SecretKey key, DateTimeOffset leaseEnds, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<(SegmentId, long)> instances = [];
    private DateTimeOffset validUntil = leaseEnds;
    private DateTimeOffset lastUsed = time.GetUtcNow();
    private int users = 1;
    private int renewing;
    private long bytes;
    private Task? closed;

    /// <summary>What requests that may share it have in common.</summary>
    public string Name => name;

    public StudyHandle Study => study;

    public IStudyGrain Grain => grain;

    public Guid Lease => lease;

    /// <summary>The study key; used only between <see cref="TryEnter"/> and <see cref="Exit"/>.</summary>
    public SecretKey Key => key;

    public CancellationToken Closing => closing.Token;

    /// <summary>What went out so far, whole or in part.</summary>
    public Released Released
    {
        get
        {
            lock (gate)
            {
                return new Released(instances.Count, bytes);
            }
        }
    }

    /// <summary>Whether instances of the study are lost.</summary>
    public bool HasLost { get; init; }

    public bool TryEnter()
    {
        lock (gate)
        {
            if (closed is not null || time.GetUtcNow() >= validUntil)
            {
                return false;
            }

            users++;
            lastUsed = time.GetUtcNow();
            return true;
        }
    }

    public void Exit()
    {
        lock (gate)
        {
            users--;
            lastUsed = time.GetUtcNow();
            if (closed is not null && users == 0)
            {
                idle.TrySetResult();
            }
        }
    }

    public void Count(InstanceRecord instance, long released)
    {
        lock (gate)
        {
            instances.Add((instance.Object.Segment, instance.Object.Offset));
            bytes += released;
        }
    }

    /// <exception cref="StudyClosedException">The session was closed, or its lease has run out.</exception>
    public void ThrowIfClosed()
    {
        lock (gate)
        {
            if (closed is not null || time.GetUtcNow() >= validUntil)
            {
                throw new StudyClosedException();
            }
        }
    }

    /// <summary>Asks for more time, unless nobody has used the session for a lease's time. One asks at a time.</summary>
    /// <returns>False where the session is to be ended.</returns>
    public async Task<bool> RenewAsync()
    {
        if (Interlocked.Exchange(ref renewing, 1) == 1)
        {
            return true;
        }

        try
        {
            var asked = time.GetUtcNow();
            lock (gate)
            {
                if (users == 0 && asked - lastUsed >= Studies.Lease.Duration)
                {
                    return false;
                }
            }

            var validFor = await grain.RenewAsync(lease);
            lock (gate)
            {
                validUntil = asked + validFor;
            }

            return validFor > TimeSpan.Zero;
        }
        finally
        {
            Volatile.Write(ref renewing, 0);
        }
    }

    /// <summary>Returns once no byte is released any more and the key is gone, however often it is called.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            if (closed is null)
            {
                // Set before the callbacks of the cancellation run: what they wake finds the session closed.
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                closed = done.Task;
                if (users == 0)
                {
                    idle.TrySetResult();
                }

                _ = ReleaseKeyAsync(done);
            }

            return closed;
        }
    }

    public void Dispose() => closing.Dispose();

    private async Task ReleaseKeyAsync(TaskCompletionSource done)
    {
        await Task.Yield();
        try
        {
            await closing.CancelAsync();
        }
        finally
        {
            await idle.Task;
            key.Dispose();
            Dispose();
            done.SetResult();
        }
    }
}
