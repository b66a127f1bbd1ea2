namespace SecureStore.EndToEnd;

/// <summary>An archive of a test's own whose clock the test turns.</summary>
internal abstract class ClockedArchive : IAsyncDisposable
{
    /// <summary>Goes to a silo that stays the same.</summary>
    public abstract ArchiveClient Client { get; }

    public abstract Holdings Holdings { get; }

    public abstract DateTimeOffset UtcNow { get; }

    /// <param name="mode">How the archive runs.</param>
    /// <param name="now">Where its clock begins.</param>
    /// <param name="settings">Section:Key=value.</param>
    public static async Task<ClockedArchive> StartAsync(Mode mode, DateTimeOffset now, params string[] settings)
    {
        if (mode == Mode.Embedded)
        {
            var still = new TestClock(now);
            return new Embedded(await InProcessArchive.StartAsync(still, null, settings), still);
        }

        var clock = new ProcessClock(now);
        try
        {
            var cluster = await ClusterOfSilos.StartAsync(clock, settings);
            return new Cluster(cluster, new ArchiveClient(cluster.Silos[0].Url, cluster.KeysPath), clock);
        }
        catch
        {
            clock.Dispose();
            throw;
        }
    }

    public abstract Task TurnAsync(DateTimeOffset now);

    public abstract ValueTask DisposeAsync();

    /// <summary>Its clock stands still.</summary>
    private sealed class Embedded(InProcessArchive archive, TestClock clock) : ClockedArchive
    {
        public override ArchiveClient Client => archive.Client;

        public override Holdings Holdings { get; } = new FolderHoldings(archive.DataPath);

        public override DateTimeOffset UtcNow => clock.GetUtcNow();

        public override Task TurnAsync(DateTimeOffset now)
        {
            clock.SetUtcNow(now);
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync() => archive.DisposeAsync();
    }

    /// <summary>Its clock goes on.</summary>
    private sealed class Cluster(ClusterOfSilos cluster, ArchiveClient client, ProcessClock clock) : ClockedArchive
    {
        public override ArchiveClient Client => client;

        public override Holdings Holdings => cluster.Holdings;

        public override DateTimeOffset UtcNow => clock.UtcNow;

        public override Task TurnAsync(DateTimeOffset now) => clock.TurnAsync(now, cluster.Silos.Select(silo => silo.Url).Append(cluster.Azurite.Url));

        public override async ValueTask DisposeAsync()
        {
            client.Dispose();
            await cluster.DisposeAsync();
            clock.Dispose();
        }
    }
}
