using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// A viewing session: a read lease and the open study key, shared by the requests of one token. Closing waits until no request
/// releases a byte any more; only then the key is gone from memory.
/// </summary>
internal sealed class OpenStudy(StudyHandle study, IStudyGrain grain, Guid lease, SecretKey key, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset validUntil = time.GetUtcNow() + Studies.Lease.Duration;
    private DateTimeOffset lastUsed = time.GetUtcNow();
    private int users;
    private bool closed;
    private long instances;
    private long bytes;

    public StudyHandle Study => study;

    public IStudyGrain Grain => grain;

    public Guid Lease => lease;

    /// <summary>The study key; used only between <see cref="TryEnter"/> and <see cref="Exit"/>.</summary>
    public SecretKey Key => key;

    public CancellationToken Closing => closing.Token;

    public (long Instances, long Bytes) Released => (Interlocked.Read(ref instances), Interlocked.Read(ref bytes));

    /// <summary>True where nobody has used it for a lease's time.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return users == 0 && time.GetUtcNow() - lastUsed >= Studies.Lease.Duration;
            }
        }
    }

    public bool TryEnter()
    {
        lock (gate)
        {
            if (closed || time.GetUtcNow() >= validUntil)
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
            if (closed && users == 0)
            {
                idle.TrySetResult();
            }
        }
    }

    public void Count(long releasedInstances, long releasedBytes)
    {
        Interlocked.Add(ref instances, releasedInstances);
        Interlocked.Add(ref bytes, releasedBytes);
    }

    /// <exception cref="StudyClosedException">The session was closed, or its lease has run out.</exception>
    public void ThrowIfClosed()
    {
        if (closing.IsCancellationRequested || time.GetUtcNow() >= validUntil)
        {
            throw new StudyClosedException();
        }
    }

    /// <summary>Asks for more time.</summary>
    /// <returns>False where the lease has ended.</returns>
    public async Task<bool> RenewAsync()
    {
        var asked = time.GetUtcNow();
        if (!await grain.RenewAsync(lease))
        {
            return false;
        }

        lock (gate)
        {
            validUntil = asked + Studies.Lease.Duration;
        }

        return true;
    }

    /// <summary>Returns once no byte is released any more and the key is gone.</summary>
    public async Task CloseAsync()
    {
        lock (gate)
        {
            if (!closed)
            {
                closed = true;
                if (users == 0)
                {
                    idle.TrySetResult();
                }
            }
        }

        await closing.CancelAsync();
        await idle.Task;
        key.Dispose();
    }

    public void Dispose() => closing.Dispose();
}
