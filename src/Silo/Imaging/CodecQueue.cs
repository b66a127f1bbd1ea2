namespace SecureStore.Silo.Imaging;

/// <summary>How many requests may be under way or wait: so many of all, and half of them of one reader.</summary>
internal sealed class CodecQueue(int most)
{
    private readonly Dictionary<string, int> requests = [];
    private int admitted;

    /// <summary>Counts a request, until it <see cref="Leave"/>s.</summary>
    /// <exception cref="CodecUnavailableException">It is one too many.</exception>
    public void Enter(string reader)
    {
        lock (requests)
        {
            var own = requests.GetValueOrDefault(reader);
            if (admitted >= most || own >= (most + 1) / 2)
            {
                throw new CodecUnavailableException("Too many frames wait to be decompressed.");
            }

            admitted++;
            requests[reader] = own + 1;
        }
    }

    public void Leave(string reader)
    {
        lock (requests)
        {
            admitted--;
            if (--requests[reader] == 0)
            {
                requests.Remove(reader);
            }
        }
    }
}
