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
        TaskCompletionSource now;
        lock (gate)
        {
            if (next is not null || !running.IsCompleted)
                return next ??= FollowAsync(running);
            now = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            running = now.Task;
        }

        return BeginAsync(now);
    }

    /// <summary>Flushes on the caller's thread: it would do nothing but wait.</summary>
    private async Task BeginAsync(TaskCompletionSource ended)
    {
        try
        {
            await flush().ConfigureAwait(false);
        }
        finally
        {
            ended.SetResult();
        }
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
