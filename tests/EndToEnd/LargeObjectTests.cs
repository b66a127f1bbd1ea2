namespace SecureStore.EndToEnd;

/// <summary>Objects that are larger than the memory that they may take.</summary>
public class LargeObjectTests(Archives archives)
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task An_object_of_two_GiB_passes_in_and_out_in_under_400_MB()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
        var one = new TestInstance { Rows = 1024, Columns = 1024 };
        var sent = await LargeInstance.StoreAsync(client, one, frames: 1024);
        var (length, hash) = await LargeInstance.HashAsync(client, one);
        Assert.Equal(sent.Length, length);
        Assert.Equal(sent.Hash, hash);
        Assert.InRange(server.PeakResidentSet / MiB, 1, 400);
    }

    [Theory]
    [InlineData(Mode.Embedded, 512)]
    [InlineData(Mode.Cluster, 128)]
    public async Task Destruction_stops_a_running_read_and_takes_the_key_after_the_lease(Mode mode, int frames)
    {
        await using var archive = await archives.StartAsync(mode);
        var client = await archive.Client.WithTokenAsync("store,read,destroy,audit");
        var one = new TestInstance { Rows = 1024, Columns = 1024 };
        var (length, _) = await LargeInstance.StoreAsync(client, one, frames);

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
}
