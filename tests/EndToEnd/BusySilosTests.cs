using System.Globalization;
using Orleans.Runtime;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>A busy silo is not taken for a dead one.</summary>
[Collection(nameof(RunsAlone))]
public class BusySilosTests(Archives archives, ITestOutputHelper output)
{
    private const int CallersPerSilo = 6;
    private const int InstancesPerRequest = 10;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task No_silo_is_put_out_while_stores_through_all_of_them_keep_the_machine_busy()
    {
        var cluster = await archives.ClusterAsync();
        using var stop = new CancellationTokenSource(Duration);
        var before = await ProcessorAsync();
        var stored = await Task.WhenAll(Enumerable.Range(0, ClusterOfSilos.Size).Select(silo => StoreAsync(cluster, silo, stop.Token)));
        var after = await ProcessorAsync();
        var idle = (after.Idle - before.Idle) / (after.All - before.All);
        output.WriteLine($"Stored by each silo: {string.Join(", ", stored)}; the processors were idle for {idle:P0} of the time.");

        Assert.All(stored, count => Assert.True(count > 0));
        Assert.Equal(Enumerable.Repeat(SiloStatus.Active, ClusterOfSilos.Size), await cluster.MembersAsync());
        foreach (var silo in cluster.Silos)
        {
            using var client = new ArchiveClient(silo.Url, cluster.KeysPath);
            Assert.Equal(200, (await client.GetAsync("/health/ready", "*/*")).Status);
        }
    }

    /// <summary>Callers of one silo, each with a study of its own, until they are stopped.</summary>
    /// <returns>Instances that were stored.</returns>
    private static async Task<int> StoreAsync(ClusterOfSilos cluster, int silo, CancellationToken stop)
    {
        using var client = await cluster.ClientAsync(silo, "store");
        var counts = await Task.WhenAll(Enumerable.Range(0, CallersPerSilo).Select(async _ =>
        {
            var study = new TestInstance { PatientId = Guid.NewGuid().ToString("N"), Rows = 256, Columns = 256 };
            var count = 0;
            while (!stop.IsCancellationRequested)
            {
                var files = await Task.WhenAll(Enumerable.Range(0, InstancesPerRequest)
                    .Select(i => (study with { Instance = DicomUID.New(), Seed = i }).FileAsync()));
                var (status, _) = await client.StoreAsync(study.Study, files);
                Assert.Equal(200, status);
                count += files.Length;
            }

            return count;
        }));
        return counts.Sum();
    }

    /// <summary>Time of all processors since the machine started, and how much of it they were idle (proc_stat(5)).</summary>
    private static async Task<(double Idle, double All)> ProcessorAsync()
    {
        var times = (await File.ReadAllLinesAsync("/proc/stat"))[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(time => double.Parse(time, CultureInfo.InvariantCulture)).ToArray();
        return (times[3] + times[4], times.Sum());
    }
}
