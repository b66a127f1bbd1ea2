namespace SecureStore.Silo.Tokens;

/// <summary>
/// Asks for many keys in one look-up. A caller never joins a look-up that has begun, for that one may miss what was true
/// when the caller came: it joins the next, which begins when the present one ends. So under load a check costs a share
/// of a query, and its answer is never older than its question.
/// </summary>
/// <param name="find">Which of the keys there are.</param>
internal sealed class GatheredLookUp<TKey>(Func<IReadOnlyCollection<TKey>, Task<HashSet<TKey>>> find)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private Round? next;

    public async ValueTask<bool> ContainsAsync(TKey key, CancellationToken cancellation)
    {
        Task<HashSet<TKey>> found;
        lock (gate)
        {
            next ??= new Round(this, running);
            next.Keys.Add(key);
            found = next.Found;
        }

        return (await found.WaitAsync(cancellation).ConfigureAwait(false)).Contains(key);
    }

    private async Task<HashSet<TKey>> FollowAsync(Task previous, Round round)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (gate)
        {
            running = round.Found;
            next = null;
        }

        return await find(round.Keys).ConfigureAwait(false);
    }

    private sealed class Round
    {
        public Round(GatheredLookUp<TKey> lookUp, Task previous) => Found = lookUp.FollowAsync(previous, this);

        public HashSet<TKey> Keys { get; } = [];

        public Task<HashSet<TKey>> Found { get; }
    }
}
