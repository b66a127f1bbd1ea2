using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>kill -9 while instances are coming in: what was acknowledged is there, and nothing is there in part.</summary>
public class KillTests
{
    private const int InstancesPerRound = 500;
    private const int InstancesPerRequest = 10;

    [Fact]
    public Task Acknowledged_instances_survive_three_kills() => KillAsync(3, seed: 7);

    [Fact]
    [Trait("Long", "yes")]
    public Task Acknowledged_instances_survive_twenty_kills() => KillAsync(20, seed: 11);

    private static async Task KillAsync(int rounds, int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var acknowledged = new Dictionary<string, (TestInstance Instance, byte[] File)>();
        for (var round = 0; round < rounds; round++)
        {
            var study = new TestInstance { Rows = 64, Columns = 64 };
            var files = new List<(TestInstance Instance, byte[] File)>();
            for (var i = 0; i < InstancesPerRound; i++)
            {
                var one = study with { Instance = $"2.25.{round + 1}0{i + 1}", Seed = i };
                files.Add((one, await one.FileAsync()));
            }

            await using (var server = await ServerProcess.StartAsync(folder.Path))
            {
                using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
                using var killer = new Timer(_ => _ = server.KillAsync());
                var (request, delay) = (random.Next(InstancesPerRound / InstancesPerRequest), random.Next(0, 60));
                await StoreUntilKilledAsync(client, files, acknowledged, number =>
                {
                    if (number == request)
                    {
                        killer.Change(delay, Timeout.Infinite);
                    }
                });
                await server.KillAsync();
            }

            await using (var server = await ServerProcess.StartAsync(folder.Path))
            {
                using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
                await VerifyAsync(client, study, files, acknowledged);
            }
        }

        Assert.NotEmpty(acknowledged);
    }

    private static async Task StoreUntilKilledAsync(
        ArchiveClient client, List<(TestInstance Instance, byte[] File)> files, Dictionary<string, (TestInstance, byte[])> acknowledged,
        Action<int> begins)
    {
        try
        {
            foreach (var (number, request) in files.Chunk(InstancesPerRequest).Index())
            {
                begins(number);
                var (status, _) = await client.StoreAsync(null, request.Select(one => one.File));
                if (status == 200)
                {
                    foreach (var one in request)
                    {
                        acknowledged.Add(one.Instance.Instance, one);
                    }
                }
            }
        }
        catch (HttpRequestException)
        {
            // The server was killed: what it did not acknowledge may be there or not.
        }
    }

    /// <summary>Everything acknowledged comes back as it was; whatever else is listed comes back whole too.</summary>
    private static async Task VerifyAsync(
        ArchiveClient client, TestInstance study, List<(TestInstance Instance, byte[] File)> files,
        Dictionary<string, (TestInstance Instance, byte[] File)> acknowledged)
    {
        foreach (var (instance, file) in acknowledged.Values)
        {
            var (status, body) = await client.FetchAsync(instance.Study, instance.Series, instance.Instance);
            Assert.Equal(200, status);
            Assert.Equal(file, body);
        }

        var (_, listed) = await client.JsonAsync($"/dicom-web/studies/{study.Study}/instances");
        var sent = files.ToDictionary(one => one.Instance.Instance);
        var uids = listed.ValueKind == JsonValueKind.Undefined
            ? []
            : listed.EnumerateArray().Select(one => one.GetProperty("00080018").GetProperty("Value")[0].GetString()!).ToArray();
        foreach (var uid in uids)
        {
            var (status, body) = await client.FetchAsync(study.Study, study.Series, uid);
            Assert.Equal(200, status);
            Assert.Equal(sent[uid].File, body);
        }

        Assert.Subset(uids.ToHashSet(), acknowledged.Values.Where(one => one.Instance.Study == study.Study).Select(one => one.Instance.Instance).ToHashSet());
    }
}
