using System.Net.Http.Json;
using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>A study's whole life, under a clock that the test turns.</summary>
public class RetentionTests
{
    private static readonly DateTimeOffset Start = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_study_is_unreadable_on_its_day_and_the_sweep_destroys_it()
    {
        var clock = new TestClock(Start);
        await using var archive = await InProcessArchive.StartAsync(clock, null, "Retention:Default=P1Y", "Retention:SweepInterval=1.00:00:00");
        var client = await archive.Client.WithTokenAsync("store,search,read,administer,audit");
        var doomed = new TestInstance { StudyDate = "20260110" };
        var kept = new TestInstance { StudyDate = "20260131" };
        Assert.Equal(200, (await client.StoreAsync(null, await doomed.FileAsync(), await kept.FileAsync())).Status);

        clock.SetUtcNow(new DateTimeOffset(2027, 1, 9, 23, 59, 0, TimeSpan.Zero));
        await client.WithTokenAsync("store,search,read,administer,audit");
        Assert.Equal(200, (await Fetch(client, doomed)).Status);

        clock.SetUtcNow(new DateTimeOffset(2027, 1, 10, 0, 0, 1, TimeSpan.Zero));
        Assert.Equal(404, (await Fetch(client, doomed)).Status);
        Assert.Equal([kept.Study], await StudiesAsync(client));

        var segments = SegmentsOf(archive);
        Assert.Equal(2, segments.Length);
        using var swept = await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null);
        Assert.Equal(1, (await swept.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("destroyed").GetInt32());
        Assert.Single(SegmentsOf(archive));
        Assert.Equal(200, (await Fetch(client, kept)).Status);

        var (status, certificate) = await client.JsonAsync($"/api/studies/{doomed.Study}/certificate", "application/json");
        Assert.Equal(200, status);
        Assert.Equal(doomed.Study, certificate.GetProperty("study_instance_uid").GetString());
        Assert.Equal(1, certificate.GetProperty("instances").GetInt64());
        Assert.Equal("2027-01-10T00:00:01Z", certificate.GetProperty("destroyed_at").GetString());
        Assert.True(certificate.GetProperty("beyond_backups_at").GetDateTimeOffset() >= clock.GetUtcNow().AddDays(7));

        var (again, refused) = await client.StoreAsync(null, await doomed.FileAsync());
        Assert.Equal(409, again);
        Assert.True(refused.TryGetProperty("00081198", out _));
    }

    [Fact]
    public async Task Nothing_is_destroyed_within_the_grace_period()
    {
        var clock = new TestClock(Start);
        await using var archive = await InProcessArchive.StartAsync(clock, null, "Retention:Default=P1Y");
        var client = await archive.Client.WithTokenAsync("store,read,administer");
        var old = new TestInstance { StudyDate = "20010101" };
        Assert.Equal(200, (await client.StoreAsync(null, await old.FileAsync())).Status);

        clock.SetUtcNow(Start.AddDays(29));
        await client.WithTokenAsync("store,read,administer");
        using (await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null))
        {
            Assert.Equal(200, (await Fetch(client, old)).Status);
        }

        clock.SetUtcNow(Start.AddDays(31));
        await client.WithTokenAsync("store,read,administer");
        Assert.Equal(404, (await Fetch(client, old)).Status);
        using var swept = await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null);
        Assert.Equal(1, (await swept.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("destroyed").GetInt32());
    }

    [Fact]
    public async Task Rules_by_modality_and_implausible_dates_decide_the_day()
    {
        var clock = new TestClock(Start);
        await using var archive = await InProcessArchive.StartAsync(
            clock, null, "Retention:Default=P10Y", "Retention:Rules:0:Name=mammography", "Retention:Rules:0:Modality=MG", "Retention:Rules:0:Keep=P30Y");
        var client = await archive.Client.WithTokenAsync("store,read,administer,audit");
        var mammogram = new TestInstance { Modality = "MG", StudyDate = "20260101" };
        var undated = new TestInstance { StudyDate = "20990101" };
        await client.StoreAsync(null, await mammogram.FileAsync(), await undated.FileAsync());

        Assert.Equal("2056-01-01", await DueAsync(client, mammogram.Study));
        Assert.Equal("2036-02-01", await DueAsync(client, undated.Study));
        var (_, log) = await client.GetAsync("/api/audit/entries?limit=1000", "application/x-ndjson");
        Assert.Contains("ImplausibleDate", System.Text.Encoding.UTF8.GetString(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_legal_hold_keeps_a_study_readable_beyond_its_day()
    {
        var clock = new TestClock(Start);
        await using var archive = await InProcessArchive.StartAsync(clock, null, "Retention:Default=P1Y");
        var client = await archive.Client.WithTokenAsync("store,read,hold,administer");
        var held = new TestInstance { StudyDate = "20260110" };
        await client.StoreAsync(null, await held.FileAsync());
        using (var set = await client.Http.PutAsJsonAsync(new Uri($"/api/studies/{held.Study}/hold", UriKind.Relative), new { reason = "Court order 7" }))
        {
            Assert.Equal(204, (int)set.StatusCode);
        }

        clock.SetUtcNow(Start.AddYears(3));
        await client.WithTokenAsync("store,read,hold,administer");
        using (await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null))
        {
            Assert.Equal(200, (await Fetch(client, held)).Status);
        }

        using (await client.Http.DeleteAsync(new Uri($"/api/studies/{held.Study}/hold", UriKind.Relative)))
        {
            Assert.Equal(404, (await Fetch(client, held)).Status);
        }
    }

    private static Task<(int Status, byte[] Body)> Fetch(ArchiveClient client, TestInstance one) =>
        client.FetchAsync(one.Study, one.Series, one.Instance);

    private static async Task<string?> DueAsync(ArchiveClient client, string study) =>
        (await client.JsonAsync($"/api/studies/{study}/retention", "application/json")).Body.GetProperty("due").GetString();

    private static async Task<string[]> StudiesAsync(ArchiveClient client) =>
        [.. (await client.JsonAsync("/dicom-web/studies")).Body.EnumerateArray().Select(study => study.GetProperty("0020000D").GetProperty("Value")[0].GetString()!)];

    private static string[] SegmentsOf(InProcessArchive archive) =>
        Directory.GetFiles(Path.Combine(archive.DataPath, "objects"), "*", SearchOption.AllDirectories);
}
