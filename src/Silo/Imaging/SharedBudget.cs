namespace SecureStore.Silo.Imaging;

/// <summary>So many bytes may be held at once by all, and half of them by one caller: who reads slowly, or asks for much, holds up himself first.</summary>
internal sealed class SharedBudget(long total)
{
    private readonly MemoryBudget all = new(total);
    private readonly Dictionary<string, (MemoryBudget Own, int Shares)> callers = [];

    /// <param name="caller">Whose they are.</param>
    /// <param name="bytes">At most half of the whole.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Gives them back when it is disposed of.</returns>
    public async ValueTask<Share> TakeAsync(string caller, long bytes, CancellationToken cancellation)
    {
        MemoryBudget.Share? own = null;
        var budget = Enter(caller);
        try
        {
            own = await budget.TakeAsync(bytes, cancellation);
            return new Share(this, caller, own, await all.TakeAsync(bytes, cancellation));
        }
        catch
        {
            own?.Dispose();
            Leave(caller);
            throw;
        }
    }

    private MemoryBudget Enter(string caller)
    {
        lock (callers)
        {
            var (own, shares) = callers.GetValueOrDefault(caller, (new MemoryBudget(total / 2), 0));
            callers[caller] = (own, shares + 1);
            return own;
        }
    }

    private void Leave(string caller)
    {
        lock (callers)
        {
            var (own, shares) = callers[caller];
            if (shares == 1)
            {
                callers.Remove(caller);
            }
            else
            {
                callers[caller] = (own, shares - 1);
            }
        }
    }

    /// <summary>Bytes that are held until it is disposed of.</summary>
    public sealed class Share(SharedBudget budget, string caller, MemoryBudget.Share own, MemoryBudget.Share common) : IDisposable
    {
        private bool isGone;

        /// <summary>Gives back all but so many; for its one owner.</summary>
        public void Keep(long most)
        {
            own.Keep(most);
            common.Keep(most);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isGone, true))
            {
                return;
            }

            common.Dispose();
            own.Dispose();
            budget.Leave(caller);
        }
    }
}
