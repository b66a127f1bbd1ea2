using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// A viewing session: a read lease and the open study key, shared by the requests of one token. Closing waits until no request
/// releases a byte any more; only then the key is gone from memory. It begins with one user, who has to <see cref="Exit"/>.
/// </summary>
internal sealed class OpenStudy(
    string name, StudyHandle study, IStudyGrain grain, Guid lease, ReadRequest request, PolicyToken caller, SecretKey key, DateTimeOffset leaseEnds,
    TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource closing = new(Left(leaseEnds, time), time);
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<(SegmentId, long)> instances = [];
    private DateTimeOffset validUntil = leaseEnds;
    private DateTimeOffset lastUsed = time.GetUtcNow();
    private int users = 1;
    private Task<bool>? renewing;
    private long bytes;
    private Task? closed;

    /// <summary>What requests that may share it have in common.</summary>
    public string Name => name;

    public StudyHandle Study => study;

    public IStudyGrain Grain => grain;

    public Guid Lease => lease;

    public string Token => request.Token;

    public string Reader { get; } = $"{caller.Issuer} {caller.Subject} {caller.Id}";

    /// <summary>The study key; used only between <see cref="TryEnter"/> and <see cref="Exit"/>.</summary>
    public SecretKey Key => key;

    /// <summary>Cancelled when the session is closed, or its lease has run out.</summary>
    public CancellationToken Closing => closing.Token;

    /// <summary>The session with what went out so far, whole or in part.</summary>
    public ClosedSession Closed
    {
        get
        {
            lock (gate)
            {
                return ClosedSession.Of(lease, caller, request.Action, new Released(instances.Count, bytes));
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
            if (instances.Add((instance.Object.Segment, instance.Object.Offset)))
            {
                ReleaseMetrics.Instances.Add(1);
            }

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

    /// <summary>
    /// Asks for more time, unless the lease has run out or nobody has used the session for a lease's time. One asks at a time; who comes meanwhile
    /// gets the same answer.
    /// </summary>
    /// <returns>False where the session is to be ended.</returns>
    public Task<bool> RenewAsync()
    {
        lock (gate)
        {
            return renewing is { IsCompleted: false } ? renewing : renewing = AskAsync();
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

    private async Task<bool> AskAsync()
    {
        await Task.Yield();
        var asked = time.GetUtcNow();
        lock (gate)
        {
            if (asked >= validUntil || (users == 0 && asked - lastUsed >= Studies.Lease.Duration))
            {
                return false;
            }
        }

        var validFor = await grain.RenewAsync(lease, request);
        lock (gate)
        {
            validUntil = asked + validFor;
            if (closed is null)
            {
                closing.CancelAfter(Left(validUntil, time));
            }

            return validFor > TimeSpan.Zero && !closing.IsCancellationRequested;
        }
    }

    private static TimeSpan Left(DateTimeOffset end, TimeProvider time) =>
        end - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

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
