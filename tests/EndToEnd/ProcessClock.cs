namespace SecureStore.EndToEnd;

/// <summary>
/// The clock of processes that are started with its environment, by Debian's libfaketime. It goes on from where a test sets it, whether a
/// process starts before that or after. What is timed by the monotonic clock, Orleans among it, does not notice.
/// </summary>
internal sealed class ProcessClock : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder folder = new();
    private TimeSpan ahead;

    public ProcessClock(DateTimeOffset now) => Set(now);

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = "/usr/$LIB/faketime/libfaketimeMT.so.1",
        ["FAKETIME_TIMESTAMP_FILE"] = folder["offset"],
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        // The fix ends .NET's timed waits at once.
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        ["FAKETIME_DISABLE_SHM"] = "1",
        ["NO_FAKE_STAT"] = "1",
    };

    public DateTimeOffset UtcNow => DateTimeOffset.UtcNow + ahead;

    /// <summary>Sets it, and waits until servers that run under it say so in the date of their answers.</summary>
    public async Task TurnAsync(DateTimeOffset now, params IEnumerable<string> servers)
    {
        Set(now);
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(Patience);
        using var pace = new PeriodicTimer(Pace);
        foreach (var server in servers)
        {
            while (await pace.WaitForNextTickAsync(patience.Token))
            {
                using var response = await http.GetAsync(new Uri(server), patience.Token);
                if ((UtcNow - response.Headers.Date!.Value).Duration() < Tolerance)
                {
                    break;
                }
            }
        }
    }

    public void Dispose() => folder.Dispose();

    private void Set(DateTimeOffset now)
    {
        ahead = now - DateTimeOffset.UtcNow;

        // A process that reads it meanwhile finds the one or the other.
        File.WriteAllText(folder["next"], $"{(ahead < TimeSpan.Zero ? "" : "+")}{(long)ahead.TotalSeconds}\n");
        File.Move(folder["next"], folder["offset"], overwrite: true);
    }
}
