namespace SecureStore.EndToEnd;

/// <summary>Each silo serves what any of them stored.</summary>
public class ClusterTests(Archives archives)
{
    [Fact]
    public async Task What_one_silo_stored_the_others_find_and_fetch_and_destroy()
    {
        var cluster = await archives.ClusterAsync();
        using var one = await cluster.ClientAsync(0);
        using var two = await cluster.ClientAsync(1);
        using var three = await cluster.ClientAsync(2, "search,read,destroy");
        var instance = new TestInstance();
        var file = await instance.FileAsync();
        Assert.Equal(200, (await one.StoreAsync(null, file)).Status);

        var (_, found) = await two.JsonAsync($"/dicom-web/studies?StudyInstanceUID={instance.Study}");
        Assert.Single(found.EnumerateArray());
        foreach (var client in new[] { one, two, three })
        {
            var (status, body) = await client.FetchAsync(instance.Study, instance.Series, instance.Instance);
            Assert.Equal(200, status);
            Assert.Equal(file, body);
        }

        using var destroyed = await three.Http.PostAsync(
            new Uri($"/api/studies/{instance.Study}/destroy", UriKind.Relative), System.Net.Http.Json.JsonContent.Create(new { reason = "A test" }));
        Assert.Equal(200, (int)destroyed.StatusCode);
        foreach (var client in new[] { one, two, three })
        {
            Assert.Equal(404, (await client.FetchAsync(instance.Study, instance.Series, instance.Instance)).Status);
            Assert.Empty((await client.JsonAsync($"/dicom-web/studies?StudyInstanceUID={instance.Study}")).Body.EnumerateArray());
        }
    }
}
