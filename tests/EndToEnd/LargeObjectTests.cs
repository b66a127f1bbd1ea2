namespace SecureStore.EndToEnd;

/// <summary>Objects that are larger than the memory that they may take.</summary>
public class LargeObjectTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task An_object_of_two_GiB_passes_in_and_out_in_under_400_MB()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
        var one = new TestInstance { Rows = 1024, Columns = 1024 };
        using var peak = new PeakMemory(server);
        var sent = await LargeInstance.StoreAsync(client, one, frames: 1024);
        var (length, hash) = await LargeInstance.HashAsync(client, one);
        Assert.Equal(sent.Length, length);
        Assert.Equal(sent.Hash, hash);
        Assert.InRange(peak.Highest / MiB, 1, 400);
    }

    [Fact]
    public async Task Destruction_stops_a_running_read_and_takes_the_key_after_the_lease()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync("store,read,destroy,audit");
        var one = new TestInstance { Rows = 1024, Columns = 1024 };
        var (length, _) = await LargeInstance.StoreAsync(client, one, frames: 512);

        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"/dicom-web/studies/{one.Study}/series/{one.Series}/instances/{one.Instance}", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");
        using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[65536];
        await body.ReadExactlyAsync(buffer);

        using var destroyed = await client.Http.PostAsync(
            new Uri($"/api/studies/{one.Study}/destroy", UriKind.Relative),
            new StringContent("{\"reason\":\"test\"}", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(200, (int)destroyed.StatusCode);

        long total = buffer.Length;
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            for (int read; (read = await body.ReadAsync(buffer)) > 0;)
            {
                total += read;
            }
        });
        Assert.True(total < length / 2, "The stream went on after the destruction.");
        Assert.Equal(404, (await client.FetchAsync(one.Study, one.Series, one.Instance)).Status);
    }

    /// <summary>Watches a server's resident set.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly Timer timer;

        public PeakMemory(ServerProcess server) => timer = new Timer(_ => Highest = Math.Max(Highest, server.ResidentSet), null, 0, 100);

        public long Highest { get; private set; }

        public void Dispose() => timer.Dispose();
    }
}
