using System.Net;
using System.Text;
using SecureStore.Bench.Cluster;

namespace SecureStore.EndToEnd;

/// <summary>What an operator sees at /metrics, and who may see it.</summary>
public class MetricsTests
{
    [Fact]
    public async Task Metrics_count_what_was_stored_released_refused_and_destroyed()
    {
        using var folder = new TemporaryFolder();
        await using var archive = await ServerProcess.StartAsync(folder.Path);
        using var client = new ArchiveClient(archive.Url, archive.KeysPath);
        var before = await ScrapeAsync(archive);
        await client.WithTokenAsync("store,search,read,destroy");
        var instance = new TestInstance { Rows = 512, Columns = 512 };
        var file = await instance.FileAsync();
        Assert.Equal(200, (await client.StoreAsync(null, file)).Status);
        Assert.Equal(200, (await client.StoreAsync(null, file)).Status);
        Assert.Equal(409, (await client.StoreAsync(null, Encoding.ASCII.GetBytes("no DICOM"))).Status);
        Assert.Equal(200, (await client.FetchAsync(instance.Study, instance.Series, instance.Instance)).Status);
        Assert.Equal(404, (await client.FetchAsync("2.25.1", "2.25.2", "2.25.3")).Status);
        using var reason = new StringContent("""{"reason":"a test"}""", Encoding.UTF8, "application/json");
        using var destroyed = await client.Http.PostAsync(new Uri($"/api/studies/{instance.Study}/destroy", UriKind.Relative), reason);
        Assert.Equal(HttpStatusCode.OK, destroyed.StatusCode);

        var after = await ScrapeAsync(archive);
        Assert.Equal(1, Risen("securestore_store_instances_total", "outcome=\"stored\""));
        Assert.Equal(1, Risen("securestore_store_instances_total", "outcome=\"duplicate\""));
        Assert.Equal(file.Length, Risen("securestore_store_size_bytes_total", ""));
        Assert.Equal(1, Risen("securestore_release_instances_total", ""));
        Assert.Equal(file.Length, Risen("securestore_release_size_bytes_total", ""));
        Assert.Equal(1, Risen("securestore_refusals_total", "operation=\"store\",reason=\"malformed\""));
        Assert.Equal(1, Risen("securestore_refusals_total", "operation=\"read\",reason=\"not_found\""));
        Assert.Equal(1, Risen("securestore_destructions_total", "cause=\"request\""));
        Assert.InRange(Risen("securestore_sealed_size_bytes_total", ""), 2 * file.Length, 3 * file.Length);
        Assert.InRange(Risen("securestore_opened_size_bytes_total", ""), file.Length, 2 * file.Length);
        Assert.True(Risen("securestore_catalog_commit_duration_seconds_count", "") > 0);
        Assert.True(Risen("securestore_audit_group_size_events_count", "") > 0 || Risen("securestore_audit_group_size_count", "") > 0);
        Assert.Equal(0, Value(after, "securestore_store_finishing", ""));
        Assert.Equal(0, Value(after, "securestore_store_leases", ""));
        Assert.Equal(0, Value(after, "securestore_release_leases", ""));
        Assert.Equal(0, Value(after, "securestore_catalog_waiting", ""));
        Assert.Equal(0, Value(after, "securestore_audit_waiting", ""));

        double Risen(string name, string labels) => Value(after, name, labels) - Value(before, name, labels);
    }

    [Fact]
    public async Task Metrics_are_for_administrators_alone_unless_a_setting_lets_this_machine_in()
    {
        await using var closed = await InProcessArchive.StartAsync();
        Assert.Equal(401, (await closed.Client.GetAsync("/metrics", "*/*")).Status);
        await closed.Client.WithTokenAsync("store,search,read,audit");
        Assert.Equal(403, (await closed.Client.GetAsync("/metrics", "*/*")).Status);
        await closed.Client.WithTokenAsync("administer", "study:2.25.1");
        Assert.Equal(403, (await closed.Client.GetAsync("/metrics", "*/*")).Status);
        await closed.Client.WithTokenAsync("administer");
        Assert.Equal(200, (await closed.Client.GetAsync("/metrics", "*/*")).Status);

        await using var open = await InProcessArchive.StartAsync(null, null, "Metrics:Loopback=true");
        Assert.Equal(200, (await open.Client.GetAsync("/metrics", "*/*")).Status);
        open.Client.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        Assert.Equal(401, (await open.Client.GetAsync("/metrics", "*/*")).Status);
    }

    /// <summary>The metrics as text, for whoever wants another's dashboard to agree with them.</summary>
    internal static async Task<string> ScrapeAsync(ServerProcess archive)
    {
        using var client = new ArchiveClient(archive.Url, archive.KeysPath);
        await client.WithTokenAsync("administer");
        var (status, body) = await client.GetAsync("/metrics", "text/plain");
        Assert.Equal(200, status);
        return Encoding.UTF8.GetString(body);
    }

    /// <summary>The sum over the lines of a metric that have these labels; 0 where there is none.</summary>
    internal static double Value(string metrics, string name, string labels) => PrometheusText.Sum(metrics, name, labels);
}
