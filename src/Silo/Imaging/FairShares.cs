namespace SecureStore.Silo.Imaging;

/// <summary>
/// How much each reader has of what all share: at most half of what the others leave, so that no two fill it. Where nobody has any, one
/// piece may be larger. Whoever uses it locks it.
/// </summary>
internal sealed class FairShares(long total)
{
    private readonly Dictionary<string, long> held = [];
    private long all;

    public long Of(string reader) => held.GetValueOrDefault(reader);

    /// <summary>Whether the reader may have so much more; half of what is odd is rounded up.</summary>
    public bool Fits(string reader, long amount)
    {
        var own = Of(reader);
        return own + amount <= (total - (all - own) + 1) / 2 || (all == 0 && amount <= total);
    }

    public void Take(string reader, long amount)
    {
        held[reader] = Of(reader) + amount;
        all += amount;
    }

    public void GiveBack(string reader, long amount)
    {
        all -= amount;
        var left = Of(reader) - amount;
        if (left > 0)
        {
            held[reader] = left;
        }
        else
        {
            held.Remove(reader);
        }
    }
}
