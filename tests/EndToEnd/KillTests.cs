using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>kill -9 while instances are coming in: what was acknowledged is there, and nothing is there in part.</summary>
[Collection(nameof(RunsAlone))]
public class KillTests(ITestOutputHelper output)
{
    private const int InstancesPerRound = 500;
    private const int InstancesPerRequest = 10;

    [Theory]
    [InlineData(Mode.Embedded, 3)]
    [InlineData(Mode.Cluster, 2)]
    public Task Acknowledged_instances_survive_a_few_kills(Mode mode, int kills) => KillAsync(mode, kills, seed: 7);

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    [Trait("Long", "yes")]
    public Task Acknowledged_instances_survive_twenty_kills(Mode mode) => KillAsync(mode, 20, seed: 11);

    private async Task KillAsync(Mode mode, int rounds, int seed)
    {
        await using var silos = await ISilos.StartAsync(mode);
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

            await StartEndedAgainAsync(silos);
            var victim = random.Next(silos.Silos.Count);
            var server = silos.Silos[victim];
            using (var client = await silos.ClientAsync(victim))
            using (var other = await silos.ClientAsync((victim + 1) % silos.Silos.Count))
            {
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
                if (mode == Mode.Cluster)
                {
                    await StoreTheRestAsync(other, files, acknowledged);
                }
            }

            await silos.RestartAsync(victim);
            using (var client = await silos.ClientAsync(victim))
            {
                await VerifyAsync(client, study, files, acknowledged);
            }
        }

        Assert.NotEmpty(acknowledged);
    }

    /// <summary>What a silo's supervisor does: where the machine stood still for so long that the others put a silo out, it ends by itself.</summary>
    private async Task StartEndedAgainAsync(ISilos silos)
    {
        for (var silo = 0; silo < silos.Silos.Count; silo++)
        {
            if (silos.Silos[silo].HasEnded)
            {
                output.WriteLine($"Silo {silo} has ended by itself: {silos.Silos[silo].Output}");
                await silos.RestartAsync(silo);
            }
        }
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

    /// <summary>What the killed silo has not acknowledged is sent to another, again where need be.</summary>
    private static async Task StoreTheRestAsync(
        ArchiveClient client, List<(TestInstance Instance, byte[] File)> files, Dictionary<string, (TestInstance, byte[])> acknowledged)
    {
        foreach (var request in files.Where(one => !acknowledged.ContainsKey(one.Instance.Instance)).Chunk(InstancesPerRequest))
        {
            await Repeated.StoreAsync(client, request.Select(one => one.File));
            foreach (var one in request)
            {
                acknowledged.Add(one.Instance.Instance, one);
            }
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
