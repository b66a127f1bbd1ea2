namespace SecureStore.Silo.Imaging;

/// <summary>How many requests may be under way or wait.</summary>
internal sealed class CodecQueue(int most)
{
    private readonly FairShares requests = new(most);

    /// <summary>Counts a request, until it <see cref="Leave"/>s.</summary>
    /// <exception cref="CodecUnavailableException">It is one too many.</exception>
    public void Enter(string reader)
    {
        lock (requests)
        {
            if (!requests.Fits(reader, 1))
            {
                throw new CodecUnavailableException("Too many frames wait to be decompressed.");
            }

            requests.Take(reader, 1);
        }
    }

    public void Leave(string reader)
    {
        lock (requests)
        {
            requests.GiveBack(reader, 1);
        }
    }
}
