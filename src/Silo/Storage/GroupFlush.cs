namespace SecureStore.Silo.Storage;

/// <summary>
/// Shares flushes between concurrent callers. A caller never joins a flush that has begun, for that one may miss what
/// the caller has just written: it joins the next, which begins when the present one ends.
/// </summary>
internal sealed class GroupFlush(Func<Task> flush)
{
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private Task? next;

    /// <summary>Completes after a flush that began after this call.</summary>
    public Task RunAsync()
    {
        lock (gate)
            return next ??= FollowAsync(running);
    }

    private async Task FollowAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (gate)
        {
            running = next!;
            next = null;
        }

        await flush().ConfigureAwait(false);
    }
}
