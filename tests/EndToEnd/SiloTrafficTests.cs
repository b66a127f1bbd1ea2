using System.Buffers;
using System.Net.Http.Json;
using System.Text;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>What someone hears who listens between the silos.</summary>
[Collection(nameof(RunsAlone))]
public class SiloTrafficTests(ITestOutputHelper output)
{
    /// <summary>So many that each silo owns some, and is asked for them by the others.</summary>
    private const int Studies = 24;

    private const int RunLength = 16;
    private const int RunStep = 256;
    private const int PixelBytes = 128 * 128 * 2;

    /// <summary>Of each pair of silos, in each direction: more than hellos and probes.</summary>
    private const int LeastBytes = 16 * 1024;

    [Fact]
    public async Task A_capture_of_the_traffic_between_silos_holds_no_patient_name_and_no_pixel_run_of_what_was_stored()
    {
        var ports = ClusterOfSilos.SiloPorts();
        await using var inside = await LoopbackCapture.StartAsync(ports);
        await using var cluster = await ClusterOfSilos.StartAsync(ports);
        await using var outside = await LoopbackCapture.StartAsync([.. cluster.Silos.Select(silo => new Uri(silo.Url).Port)]);
        var planted = new List<(TestInstance Instance, byte[] File)>();
        for (var i = 0; i < Studies; i++)
        {
            var instance = new TestInstance
            {
                PatientName = $"Wanderfalke{i}^Namepart{i}", PatientId = $"PlantedId{i}XYZ", Description = $"Planted Desc{i}", Rows = 128, Columns = 128, Seed = i,
            };
            planted.Add((instance, await instance.FileAsync()));
        }

        await UseAsync(cluster, planted);
        var owners = await Task.WhenAll(cluster.Silos.Select(silo => ProcessPorts.AllAsync(silo.Id)));
        var (between, http) = (await inside.StopAsync(), await outside.StopAsync());

        // Whoever listens to the callers hears it all: the capture works.
        var heard = string.Join('\n', http.Select(stream => Encoding.Latin1.GetString(stream.Bytes)));
        foreach (var (instance, file) in planted)
        {
            Assert.Contains(instance.PatientName, heard, StringComparison.Ordinal);
            Assert.Contains(instance.Instance, heard, StringComparison.Ordinal);
            Assert.All(PixelRuns(file), run => Assert.Contains(Encoding.Latin1.GetString(run), heard, StringComparison.Ordinal));
        }

        AssertTheyTalk(between, owners);
        Assert.All(between, stream => Assert.True(stream.Bytes is [0x16, 0x03, ..], "A stream begins with something else than a TLS handshake."));
        var secrets = await SecretsAsync(planted);
        Assert.All(between, stream => Assert.Equal("", Find(stream, secrets)));
        Assert.Contains(http, stream => Find(stream, secrets).Length > 0);
    }

    /// <summary>Every study is stored by way of one silo, and searched for, read and destroyed by way of all of them.</summary>
    private static async Task UseAsync(ClusterOfSilos cluster, List<(TestInstance Instance, byte[] File)> planted)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, ClusterOfSilos.Size).Select(silo => cluster.ClientAsync(silo, "store,search,read,destroy")));
        foreach (var (i, (_, file)) in planted.Index())
        {
            Assert.Equal(200, (await clients[i % clients.Length].StoreAsync(null, file)).Status);
        }

        foreach (var (instance, file) in planted)
        {
            var address = $"/dicom-web/studies/{instance.Study}/series/{instance.Series}/instances/{instance.Instance}";
            foreach (var client in clients)
            {
                var (_, found) = await client.JsonAsync($"/dicom-web/studies?PatientName={Uri.EscapeDataString(instance.PatientName)}");
                Assert.Single(found.EnumerateArray());
                Assert.Equal(200, (await client.JsonAsync(address + "/metadata")).Status);
                Assert.Equal(200, (await client.JsonAsync($"/api/studies/{instance.Study}/retention", "application/json")).Status);
                Assert.Equal(file, (await client.FetchAsync(instance.Study, instance.Series, instance.Instance)).Body);
            }
        }

        foreach (var (i, (instance, _)) in planted.Index().Take(clients.Length))
        {
            using var destroyed = await clients[i].Http.PostAsync(
                new Uri($"/api/studies/{instance.Study}/destroy", UriKind.Relative), JsonContent.Create(new { reason = "A test" }));
            Assert.Equal(200, (int)destroyed.StatusCode);
        }

        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    /// <param name="between">Everything that passed the silo ports.</param>
    /// <param name="owners">Each silo's ends of its connections.</param>
    private void AssertTheyTalk(IReadOnlyList<TcpStream> between, HashSet<int>[] owners)
    {
        foreach (var (from, ours) in owners.Index())
        {
            foreach (var (to, theirs) in owners.Index().Where(other => other.Index != from))
            {
                var bytes = between.Where(stream => ours.Contains(stream.From.Port) && theirs.Contains(stream.To.Port)).Sum(stream => stream.Bytes.Length);
                output.WriteLine($"From silo {from} to silo {to}: {bytes} bytes.");
                Assert.InRange(bytes, LeastBytes, int.MaxValue);
            }
        }
    }

    private static async Task<SearchValues<string>> SecretsAsync(List<(TestInstance Instance, byte[] File)> planted)
    {
        var secrets = new List<byte[]>();
        foreach (var (_, file) in planted)
        {
            secrets.AddRange(await SecretsOf.FindAsync(file));
            secrets.AddRange(PixelRuns(file));
        }

        return SearchValues.Create([.. secrets.Select(Encoding.Latin1.GetString).Distinct()], StringComparison.Ordinal);
    }

    /// <summary>The pixels are the last of the file.</summary>
    private static IEnumerable<byte[]> PixelRuns(byte[] file)
    {
        for (var at = file.Length - PixelBytes; at < file.Length; at += RunStep)
        {
            yield return file[at..(at + RunLength)];
        }
    }

    /// <returns>The first of the secrets in a stream with what is around it; empty where there is none.</returns>
    private static string Find(TcpStream stream, SearchValues<string> secrets)
    {
        var text = Encoding.Latin1.GetString(stream.Bytes);
        var at = text.AsSpan().IndexOfAny(secrets);
        return at < 0 ? "" : $"{stream.From} to {stream.To} at {at}: {text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)]}";
    }
}
