namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>How the blob store is used, and how long it is waited for. A call ends within <see cref="CallTime"/>, one way or the other.</summary>
public sealed record AzureBlobLimits
{
    /// <summary>Blocks after which a segment takes no more appends: each commit sends the whole list again (the service allows 50,000).</summary>
    public int Blocks { get; init; } = 512;

    /// <summary>Bytes of a full block. A segment holds three of them at most.</summary>
    public int BlockSize { get; init; } = 4 << 20;

    /// <summary>Bytes of all segments together that may wait in memory for a flush; beyond that whoever appends waits until they are staged.</summary>
    public long Held { get; init; } = 128 << 20;

    /// <summary>Blocks on their way at once, of all studies together.</summary>
    public int Sending { get; init; } = 32;

    /// <summary>Tries of one request after the first.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Pause before the second try; it doubles from there.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Time for one try.</summary>
    public TimeSpan TryTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for one call with all its tries.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Calls within 30 s of which half must fail before the circuit breaks; at least 2.</summary>
    public int BreakAfter { get; init; } = 4;

    /// <summary>Time for which a broken circuit refuses every call at once; then one call tries whether the store is back.</summary>
    public TimeSpan BreakTime { get; init; } = TimeSpan.FromSeconds(5);
}
