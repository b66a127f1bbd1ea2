using System.Text;

namespace SecureStore.EndToEnd;

/// <summary>Who gets in. That a token is broken in this way or that is tested closer to the code; here: that the doors ask.</summary>
public class TokenTests(Archives archives)
{
    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Without_a_token_every_door_answers_401_with_a_challenge(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        foreach (var path in new[]
                 {
                     "/dicom-web/studies", "/dicom-web/studies/1.2/metadata", "/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/1",
                     "/api/retention/plan", "/api/audit/entries", "/api/studies/1.2/certificate",
                 })
        {
            using var response = await archive.Client.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(401, (int)response.StatusCode);
            Assert.Contains(response.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
        }

        Assert.Equal(401, (await archive.Client.StoreAsync(null, await new TestInstance().FileAsync())).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task A_token_for_one_patient_opens_and_finds_nothing_of_another(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var mine = new TestInstance { PatientId = "MINE" };
        var theirs = new TestInstance { PatientId = "THEIRS" };
        var client = await archive.Client.WithTokenAsync();
        Assert.Equal(200, (await client.StoreAsync(null, await mine.FileAsync(), await theirs.FileAsync())).Status);

        await client.WithTokenAsync("search,read", "patient::MINE");
        Assert.Equal(200, (await client.FetchAsync(mine.Study, mine.Series, mine.Instance)).Status);
        Assert.Equal(404, (await client.FetchAsync(theirs.Study, theirs.Series, theirs.Instance)).Status);
        Assert.Equal(404, (await client.GetAsync($"/dicom-web/studies/{theirs.Study}/metadata", "application/dicom+json")).Status);
        var (_, found) = await client.JsonAsync("/dicom-web/studies");
        Assert.Equal(mine.Study, Assert.Single(found.EnumerateArray()).GetProperty("0020000D").GetProperty("Value")[0].GetString());
        Assert.Empty((await client.JsonAsync($"/dicom-web/studies/{theirs.Study}/series")).Body.EnumerateArray());
        Assert.NotEqual(200, (await client.StoreAsync(null, await (theirs with { Instance = "1.2.3.4" }).FileAsync())).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task A_token_that_covers_the_study_and_lacks_the_action_gets_403(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var one = new TestInstance();
        var client = await archive.Client.WithTokenAsync();
        await client.StoreAsync(null, await one.FileAsync());
        await client.WithTokenAsync("search", $"study:{one.Study}");
        Assert.Equal(403, (await client.FetchAsync(one.Study, one.Series, one.Instance)).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task A_changed_token_and_one_of_another_archive_are_refused(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        await using var other = await InProcessArchive.StartAsync();
        var token = await archive.Client.TokenAsync("read,search");
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url(parts[1])).Replace("\"search\"", "\"destroy\"", StringComparison.Ordinal);
        foreach (var bad in new[]
                 {
                     $"{parts[0]}.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.{parts[2]}",
                     $"{Convert.ToBase64String("{\"alg\":\"none\",\"typ\":\"at+jwt\"}"u8).TrimEnd('=')}.{parts[1]}.",
                     await other.Client.TokenAsync("read,search"),
                     "no-token-at-all",
                 })
        {
            archive.Client.Use(bad);
            Assert.Equal(401, (await archive.Client.GetAsync("/dicom-web/studies", "application/dicom+json")).Status);
        }

        archive.Client.Use(token);
        Assert.Equal(200, (await archive.Client.GetAsync("/dicom-web/studies", "application/dicom+json")).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Every_opening_is_in_the_audit_log_before_the_image_leaves(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var one = new TestInstance();
        var client = await archive.Client.WithTokenAsync("store,read,audit");
        await client.StoreAsync(null, await one.FileAsync());
        await client.FetchAsync(one.Study, one.Series, one.Instance);
        var (_, log) = await client.GetAsync("/api/audit/entries?limit=100000", "application/x-ndjson");
        var opened = Encoding.UTF8.GetString(log).Split('\n')
            .Where(line => line.Contains("StudyOpened", StringComparison.Ordinal) && line.Contains(one.Study, StringComparison.Ordinal));
        Assert.NotEmpty(opened);
        Assert.All(opened, line => Assert.Contains("TREAT", line, StringComparison.Ordinal));
    }

    private static byte[] Base64Url(string text) =>
        Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
}
