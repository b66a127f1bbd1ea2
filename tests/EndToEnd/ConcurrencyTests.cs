namespace SecureStore.EndToEnd;

/// <summary>Many callers at one study.</summary>
public class ConcurrencyTests(Archives archives)
{
    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Twenty_callers_store_and_read_one_study_at_once(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var client = await archive.Client.WithTokenAsync();
        var first = new TestInstance();
        Assert.Equal(200, (await client.StoreAsync(null, await first.FileAsync())).Status);

        var stored = await Task.WhenAll(Enumerable.Range(0, 20).Select(async caller =>
        {
            var mine = new List<(TestInstance Instance, byte[] File)>();
            for (var i = 0; i < 5; i++)
            {
                var one = first with { Instance = $"2.25.{caller + 1}{i}77", Seed = caller * 10 + i };
                var file = await one.FileAsync();
                Assert.Equal(200, (await client.StoreAsync(first.Study, file)).Status);
                Assert.Equal(200, (await client.FetchAsync(first.Study, first.Series, first.Instance)).Status);
                mine.Add((one, file));
            }

            return mine;
        }));

        foreach (var (one, file) in stored.SelectMany(mine => mine))
        {
            var (status, body) = await client.FetchAsync(one.Study, one.Series, one.Instance);
            Assert.Equal(200, status);
            Assert.Equal(file, body);
        }

        var (_, studies) = await client.JsonAsync($"/dicom-web/studies?StudyInstanceUID={first.Study}");
        Assert.Equal(101, Assert.Single(studies.EnumerateArray()).GetProperty("00201208").GetProperty("Value")[0].GetInt32());
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task The_same_instance_from_many_callers_is_stored_once(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var client = await archive.Client.WithTokenAsync();
        var one = new TestInstance();
        var file = await one.FileAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.StoreAsync(null, file)));
        Assert.All(results, result => Assert.Equal(200, result.Status));
        var (_, instances) = await client.JsonAsync($"/dicom-web/studies/{one.Study}/instances");
        Assert.Single(instances.EnumerateArray());

        var changed = await (one with { Seed = 99 }).FileAsync();
        Assert.Equal(409, (await client.StoreAsync(null, changed)).Status);
        Assert.Equal(file, (await client.FetchAsync(one.Study, one.Series, one.Instance)).Body);
    }
}
