namespace SecureStore.Grains.Integrity;

/// <inheritdoc cref="IIntegrityGrain"/>
[GrainType("integrity")]
internal sealed class IntegrityGrain(TimeProvider time) : Grain, IIntegrityGrain
{
    /// <summary>A check that does not renew its turn for this long has ended with its silo.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    private (Guid Check, DateTimeOffset Until)? running;

    public Task<bool> HoldAsync(Guid check)
    {
        var now = time.GetUtcNow();
        if (running is { } other && other.Check != check && now < other.Until)
        {
            return Task.FromResult(false);
        }

        running = (check, now + Turn);
        return Task.FromResult(true);
    }

    public Task EndAsync(Guid check)
    {
        if (running?.Check == check)
        {
            running = null;
        }

        return Task.CompletedTask;
    }
}
