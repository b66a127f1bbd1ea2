namespace SecureStore.EndToEnd.Chaos;

/// <summary>Waits for real processes.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    public static async Task ForAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(CancellationToken.None);
    }

    /// <summary>Asks until nothing is missing.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="missing">What is missing, or null.</param>
    /// <returns>What is still missing after that time.</returns>
    public static async Task<string?> UntilAsync(TimeSpan limit, Func<Task<string?>> missing)
    {
        using var patience = new CancellationTokenSource(limit);
        using var pace = new PeriodicTimer(Pace);
        while (await missing() is { } still)
        {
            if (patience.IsCancellationRequested)
            {
                return still;
            }

            await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        return null;
    }

    /// <summary>What the silos say is missing, or null where all are ready.</summary>
    public static async Task<string?> ForReadinessAsync(ClusterOfSilos cluster)
    {
        var answers = await Task.WhenAll(cluster.Silos.Select(silo => ReadinessAsync(silo.Url)));
        return answers.All(answer => answer == "ready") ? null : string.Join("; ", answers);
    }

    private static async Task<string> ReadinessAsync(string url)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri(url + "/health/ready"));
            return await answer.Content.ReadAsStringAsync();
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return "no answer";
        }
    }
}
