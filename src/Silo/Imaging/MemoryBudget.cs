namespace SecureStore.Silo.Imaging;

/// <summary>So many bytes may be held at once; who wants more waits until others have given back, first come first served.</summary>
internal sealed class MemoryBudget(long total)
{
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> waiting = [];
    private long free = total;

    /// <param name="bytes">At most the whole.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Gives them back when it is disposed of.</returns>
    public async ValueTask<Share> TakeAsync(long bytes, CancellationToken cancellation)
    {
        LinkedListNode<(long, TaskCompletionSource Granted)> place;
        lock (waiting)
        {
            if (waiting.Count == 0 && bytes <= free)
            {
                free -= bytes;
                return new Share(this, bytes);
            }

            place = waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await place.Value.Granted.Task.WaitAsync(cancellation);
            return new Share(this, bytes);
        }
        catch (OperationCanceledException)
        {
            lock (waiting)
            {
                if (place.List is null)
                {
                    // It was granted meanwhile.
                    free += bytes;
                }
                else
                {
                    waiting.Remove(place);
                }

                Grant();
            }

            throw;
        }
    }

    private void GiveBack(long bytes)
    {
        lock (waiting)
        {
            free += bytes;
            Grant();
        }
    }

    private void Grant()
    {
        while (waiting.First is { Value: var (bytes, granted) } && bytes <= free)
        {
            free -= bytes;
            waiting.RemoveFirst();
            granted.SetResult();
        }
    }

    /// <summary>Bytes that are held until it is disposed of.</summary>
    public sealed class Share(MemoryBudget budget, long bytes) : IDisposable
    {
        private long left = bytes;

        /// <summary>Gives back all but so many; for its one owner.</summary>
        public void Keep(long most)
        {
            var given = left - most;
            if (given > 0)
            {
                left = most;
                budget.GiveBack(given);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 0) is > 0 and var given)
            {
                budget.GiveBack(given);
            }
        }
    }
}
