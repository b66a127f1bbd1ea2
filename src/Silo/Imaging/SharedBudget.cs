namespace SecureStore.Silo.Imaging;

/// <summary>
/// So many bytes may be held at once, and so many places be worked in. What becomes free goes to the one who waits and whose reader works in
/// the fewest places, first come among equals; whoever finds no bytes lets others pass.
/// </summary>
internal sealed class SharedBudget(long total, int places = int.MaxValue)
{
    private readonly List<Share> waiting = [];
    private readonly FairShares bytes = new(total);
    private readonly FairShares working = new(places);
    private int free = places;

    /// <summary>Waits for a place and for bytes, both at once: whoever waits holds neither.</summary>
    /// <param name="reader">Whose they are.</param>
    /// <param name="wanted">At most the whole.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Gives them back when it is disposed of.</returns>
    public async Task<Share> TakeAsync(string reader, long wanted, CancellationToken cancellation)
    {
        var share = new Share(this, reader, wanted);
        lock (waiting)
        {
            waiting.Add(share);
            Grant();
        }

        try
        {
            await share.Granted.Task.WaitAsync(cancellation);
            return share;
        }
        catch (OperationCanceledException)
        {
            lock (waiting)
            {
                if (!waiting.Remove(share))
                {
                    // It was granted meanwhile.
                    share.Dispose();
                }
            }

            throw;
        }
    }

    private void Grant()
    {
        while (free > 0 && waiting.Where(one => bytes.Fits(one.Reader, one.Bytes)).MinBy(one => working.Of(one.Reader)) is { } next)
        {
            free--;
            working.Take(next.Reader, 1);
            bytes.Take(next.Reader, next.Bytes);
            waiting.Remove(next);
            next.Granted.SetResult();
        }
    }

    /// <summary>A place, until it is left, and bytes, until it is disposed of.</summary>
    public sealed class Share(SharedBudget budget, string reader, long wanted) : IDisposable
    {
        private bool hasPlace = true;

        public string Reader { get; } = reader;

        public long Bytes { get; private set; } = wanted;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gives back all bytes but so many.</summary>
        public void Keep(long most) => GiveBack(most, leaves: false);

        /// <summary>Gives back the place alone.</summary>
        public void LeavePlace() => GiveBack(Bytes, leaves: true);

        public void Dispose() => GiveBack(0, leaves: true);

        private void GiveBack(long most, bool leaves)
        {
            lock (budget.waiting)
            {
                var given = Math.Max(0, Bytes - most);
                Bytes -= given;
                budget.bytes.GiveBack(Reader, given);
                if (leaves && hasPlace)
                {
                    hasPlace = false;
                    budget.working.GiveBack(Reader, 1);
                    budget.free++;
                }

                budget.Grant();
            }
        }
    }
}
