using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecureStore.Contracts.Servers;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>securestore import takes an Orthanc archive over, by each way that there is.</summary>
public sealed class ImportFromOrthancTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 3;
    private const int Uploads = 8;
    private const int JournalLine = 65;

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, (TestInstance Instance, byte[] File)> instances = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task A_small_archive_killed_three_times_ends_complete() => ImportKilledAsync(count: 300, perStudy: 30);

    [Fact]
    [Trait("Long", "yes")]
    public Task An_archive_of_ten_thousand_killed_three_times_ends_complete() => ImportKilledAsync(count: 10_000, perStudy: 100);

    [Fact]
    public async Task By_C_GET_and_by_C_MOVE_it_comes_byte_for_byte()
    {
        var (dicomPort, receiver) = (FreePorts.Next(), FreePorts.Next());
        await using var orthanc = await StartOrthancAsync(dicomPort, new JsonObject
        {
            ["DicomModalities"] = new JsonObject { ["import"] = new JsonArray("IMPORT", "127.0.0.1", receiver) },
        });
        await FillAsync(orthanc, count: 60, perStudy: 30);

        // One is compressed: it comes as it is, and not as the other end finds easiest.
        var compressed = (await Pydicom.FilesAsync()).Single(file => Path.GetFileName(file) == "JPEG2000.dcm");
        await UploadAsync(orthanc, await File.ReadAllBytesAsync(compressed));
        await using var server = await ServerProcess.StartAsync(folder.Path);
        string[] source = ["--from", $"127.0.0.1:{dicomPort}", "--called", "ORTHANC", "--calling", "IMPORT"];

        var some = instances.Values.First().Instance.Study;
        Assert.Equal(
            "imported 30, identical 0, done before 0, expired 0, not DICOM 0, refused 0\n",
            await DoneAsync(server, ["import", .. source, "--study", some]));
        Assert.Equal(
            "imported 31, identical 0, done before 30, expired 0, not DICOM 0, refused 0\n",
            await DoneAsync(server, ["import", .. source, "--move", $"127.0.0.1:{receiver}", "--include-expired"]));
        await AssertCompleteAsync(server, dataSetsOnly: true);
        Assert.Equal(
            "imported 0, identical 0, done before 61, expired 0, not DICOM 0, refused 0\n", await DoneAsync(server, ["import", .. source, "--include-expired"]));

        // It is compressed still; Orthanc writes the lengths of sequences anew when it sends.
        var (expected, name) = await CompressedAsync(await File.ReadAllBytesAsync(compressed));
        using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
        var (status, stored) = await client.FetchAsync(name.Study, name.Series, name.Instance);
        Assert.Equal(200, status);
        Assert.Equal(expected, (await CompressedAsync(stored)).Frames);
    }

    private static async Task<(string Frames, (string Study, string Series, string Instance) Name)> CompressedAsync(byte[] bytes)
    {
        var file = await DicomFile.OpenAsync(new MemoryStream(bytes), DicomReadOptions.KeepAll);
        var pixels = Assert.IsType<DicomFragmentItem>(file.Dataset.Find(DicomTag.PixelData));
        return (
            file.Syntax + string.Concat(pixels.Fragments.Select(fragment => Convert.ToHexString(fragment.Data.Span))),
            (file.Dataset.GetString(DicomTag.StudyInstanceUID)!, file.Dataset.GetString(DicomTag.SeriesInstanceUID)!, file.Dataset.GetString(DicomTag.SOPInstanceUID)!));
    }

    private async Task ImportKilledAsync(int count, int perStudy)
    {
        await using var orthanc = await StartOrthancAsync(null, []);
        await FillAsync(orthanc, count, perStudy);
        await using var server = await ServerProcess.StartAsync(folder.Path);
        string[] import = ["import", "--from", new Uri(orthanc.Address, "dicom-web").AbsoluteUri];

        var began = Stopwatch.GetTimestamp();
        for (var kill = 1; kill <= Kills; kill++)
        {
            await KillWhenAsync(server, import, journalled: count * kill / (Kills + 1));
        }

        var last = JsonDocument.Parse(await DoneAsync(server, [.. import, "--json", "--report", folder["report.jsonl"]])).RootElement;
        var took = Stopwatch.GetElapsedTime(began);
        output.WriteLine($"{count} instances, killed {Kills} times, in {took.TotalSeconds:0.0} s; the last run: {last}");
        var before = last.GetProperty("done_before").GetInt32();
        var now = last.GetProperty("imported").GetInt32() + last.GetProperty("identical").GetInt32();
        Assert.Equal(count, before + now);
        Assert.InRange(before, count * Kills / (Kills + 1), count - 1);
        Assert.Equal(0, last.GetProperty("refused").GetInt32());
        Assert.Equal(now, File.ReadLines(folder["report.jsonl"]).Count());
        await AssertCompleteAsync(server, dataSetsOnly: false);

        began = Stopwatch.GetTimestamp();
        Assert.Equal($"imported 0, identical 0, done before {count}, expired 0, not DICOM 0, refused 0\n", await DoneAsync(server, import));
        output.WriteLine($"A second run takes {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        if (count < 1000)
        {
            Assert.Equal($"imported 0, identical {count}, done before 0, expired 0, not DICOM 0, refused 0\n", await DoneAsync(server, [.. import, "--again"]));
        }
    }

    /// <summary>kill -9 as soon as so many instances are in its journal.</summary>
    private async Task KillWhenAsync(ServerProcess server, string[] arguments, int journalled)
    {
        var token = await TokenAsync(server);
        var start = new ProcessStartInfo("dotnet", [Repository.ClientProgram, .. arguments])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment(server, token))
        {
            start.Environment[name] = value;
        }

        using var importing = Process.Start(start)!;
        var journal = new FileInfo(folder["state/securestore/.securestore-journal"]);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await look.WaitForNextTickAsync() && !importing.HasExited)
        {
            journal.Refresh();
            if (journal.Exists && journal.Length >= journalled * JournalLine)
            {
                break;
            }
        }

        Assert.False(importing.HasExited, "It was through before it could be killed.");
        importing.Kill();
        await importing.WaitForExitAsync();
        Assert.NotEqual(0, importing.ExitCode);
    }

    private async Task FillAsync(OrthancServer orthanc, int count, int perStudy)
    {
        var study = new TestInstance();
        for (var i = 0; i < count; i++)
        {
            study = i % perStudy == 0 ? new TestInstance { PatientId = $"P{i}", StudyDate = "20260105" } : study;
            var one = study with { Instance = $"{study.Instance}.{i}", Seed = i };
            instances.Add(one.Instance, (one, await one.FileAsync()));
        }

        await Parallel.ForEachAsync(
            instances.Values, new ParallelOptions { MaxDegreeOfParallelism = Uploads }, async (one, _) => await UploadAsync(orthanc, one.File));
    }

    private static readonly HttpClient Http = new();

    private static async Task UploadAsync(OrthancServer orthanc, byte[] file)
    {
        using var response = await Http.PostAsync(new Uri(orthanc.Address, "instances"), new ByteArrayContent(file));
        response.EnsureSuccessStatusCode();
    }

    private async Task<OrthancServer> StartOrthancAsync(int? dicomPort, JsonObject settings)
    {
        settings["DicomAlwaysAllowGet"] = true;
        settings["DicomAlwaysAllowFind"] = true;
        settings["DicomAlwaysAllowMove"] = true;
        return await OrthancServer.StartAsync(Directory.CreateDirectory(folder["orthanc"]).FullName, dicomPort, settings);
    }

    /// <summary>Everything is there, and as it was.</summary>
    private async Task AssertCompleteAsync(ServerProcess server, bool dataSetsOnly)
    {
        using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
        await Parallel.ForEachAsync(instances.Values, new ParallelOptions { MaxDegreeOfParallelism = Uploads }, async (one, _) =>
        {
            var (status, stored) = await client.FetchAsync(one.Instance.Study, one.Instance.Series, one.Instance.Instance);
            Assert.Equal(200, status);
            Assert.Equal(dataSetsOnly ? await DataSetAsync(one.File) : one.File, dataSetsOnly ? await DataSetAsync(stored) : stored);
        });
    }

    private static async Task<byte[]> DataSetAsync(byte[] file)
    {
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync();
        return file[(int)reader.DatasetOffset..];
    }

    private async Task<string> DoneAsync(ServerProcess server, string[] arguments)
    {
        var (exitCode, text, errors) = await Programs.RunAsync(
            "dotnet", [Repository.ClientProgram, .. arguments], folder.Path, Environment(server, await TokenAsync(server)));
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: exit code {exitCode}: {text}{errors}");
        return text;
    }

    private static async Task<string> TokenAsync(ServerProcess server)
    {
        using var client = new ArchiveClient(server.Url, server.KeysPath);
        return await client.TokenAsync("store,search,read");
    }

    private (string Name, string Value)[] Environment(ServerProcess server, string token) =>
        [("SECURESTORE_URL", server.Url), ("SECURESTORE_TOKEN", token), ("XDG_STATE_HOME", folder["state"])];
}
