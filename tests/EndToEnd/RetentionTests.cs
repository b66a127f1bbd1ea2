using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>A study's whole life, under a clock that the test turns.</summary>
public class RetentionTests
{
    private static readonly DateTimeOffset Start = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Mode.Embedded, "23:59:00")]
    [InlineData(Mode.Cluster, "12:00:00")]
    public async Task A_study_is_unreadable_on_its_day_and_the_sweep_destroys_it(Mode mode, string dayBefore)
    {
        await using var archive = await ClockedArchive.StartAsync(mode, Start, "Retention:Default=P1Y", "Retention:SweepInterval=1.00:00:00");
        var client = await archive.Client.WithTokenAsync("store,search,read,administer,audit");
        var doomed = new TestInstance { StudyDate = "20260110" };
        var kept = new TestInstance { StudyDate = "20260131" };
        Assert.Equal(200, (await client.StoreAsync(null, await doomed.FileAsync())).Status);
        var handle = Handle(Assert.Single(await archive.Holdings.SegmentsAsync()));
        Assert.Equal(200, (await client.StoreAsync(null, await kept.FileAsync())).Status);

        await archive.TurnAsync(new DateTimeOffset(2027, 1, 9, 0, 0, 0, TimeSpan.Zero) + TimeSpan.Parse(dayBefore, CultureInfo.InvariantCulture));
        await client.WithTokenAsync("store,search,read,administer,audit");
        Assert.Equal(200, (await Fetch(client, doomed)).Status);

        var due = new DateTimeOffset(2027, 1, 10, 0, 0, 1, TimeSpan.Zero);
        await archive.TurnAsync(due);
        Assert.Equal(404, (await Fetch(client, doomed)).Status);
        Assert.Equal([kept.Study], await StudiesAsync(client));

        Assert.Equal(2, (await archive.Holdings.SegmentsAsync()).Count);
        Assert.Equal(1, await archive.Holdings.KeyRowsAsync(handle));
        using var swept = await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null);
        Assert.Equal(1, (await swept.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("destroyed").GetInt32());
        Assert.NotEqual(handle, Handle(Assert.Single(await archive.Holdings.SegmentsAsync())));
        Assert.Equal(0, await archive.Holdings.KeyRowsAsync(handle));
        Assert.Equal(200, (await Fetch(client, kept)).Status);

        var (status, certificate) = await client.JsonAsync($"/api/studies/{doomed.Study}/certificate", "application/json");
        Assert.Equal(200, status);
        Assert.Equal(doomed.Study, certificate.GetProperty("study_instance_uid").GetString());
        Assert.Equal(1, certificate.GetProperty("instances").GetInt64());
        var destroyed = certificate.GetProperty("destroyed_at").GetDateTimeOffset();
        Assert.InRange(destroyed, due, archive.UtcNow);
        Assert.True(certificate.GetProperty("beyond_backups_at").GetDateTimeOffset() >= destroyed.AddDays(7));

        var (again, refused) = await client.StoreAsync(null, await doomed.FileAsync());
        Assert.Equal(409, again);
        Assert.True(refused.TryGetProperty("00081198", out _));
    }

    [Fact]
    public async Task Whoever_may_store_is_told_beforehand_what_the_rules_say()
    {
        await using var archive = await InProcessArchive.StartAsync(
            new TestClock(Start), null, "Retention:Rules:0:Name=reports", "Retention:Rules:0:Modality=SR", "Retention:Rules:0:Keep=P1Y");
        var client = await archive.Client.WithTokenAsync("store");
        await AssertAsync("study_date=20160201&modality=CT", "2026-02-01", isExpired: true);
        await AssertAsync("study_date=20160202&modality=CT", "2026-02-02", isExpired: false);
        await AssertAsync("study_date=20250101&modality=SR", "2026-01-01", isExpired: true);
        await AssertAsync("study_date=20250101&modality=SR&modality=CT", "2035-01-01", isExpired: false);
        await AssertAsync("study_date=", "2036-02-01", isExpired: false);

        await client.WithTokenAsync("search,read");
        Assert.Equal(403, (await client.JsonAsync("/api/retention/due?study_date=20160201")).Status);
        client.Use(null);
        Assert.Equal(401, (await client.JsonAsync("/api/retention/due?study_date=20160201")).Status);

        async Task AssertAsync(string query, string due, bool isExpired)
        {
            var (status, answer) = await client.JsonAsync("/api/retention/due?" + query, "application/json");
            Assert.Equal(200, status);
            Assert.Equal((due, isExpired), (answer.GetProperty("due").GetString(), answer.GetProperty("expired").GetBoolean()));
        }
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Nothing_is_destroyed_within_the_grace_period(Mode mode)
    {
        await using var archive = await ClockedArchive.StartAsync(mode, Start, "Retention:Default=P1Y");
        var client = await archive.Client.WithTokenAsync("store,read,administer");
        var old = new TestInstance { StudyDate = "20010101" };
        Assert.Equal(200, (await client.StoreAsync(null, await old.FileAsync())).Status);

        await archive.TurnAsync(Start.AddDays(29));
        await client.WithTokenAsync("store,read,administer");
        using (await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null))
        {
            Assert.Equal(200, (await Fetch(client, old)).Status);
            Assert.Single(await archive.Holdings.SegmentsAsync());
        }

        await archive.TurnAsync(Start.AddDays(31));
        await client.WithTokenAsync("store,read,administer");
        Assert.Equal(404, (await Fetch(client, old)).Status);
        using var swept = await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null);
        Assert.Equal(1, (await swept.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("destroyed").GetInt32());
        Assert.Empty(await archive.Holdings.SegmentsAsync());
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

    /// <summary>The study that a segment is of.</summary>
    private static string Handle(string segment) => segment.Split('/')[^2];
}
