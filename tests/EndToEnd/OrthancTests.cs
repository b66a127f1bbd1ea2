using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecureStore.Contracts.Servers;

namespace SecureStore.EndToEnd;

/// <summary>Orthanc (Debian: orthanc, orthanc-dicomweb) beside the archive: over DICOM with TLS and certificates on both sides, and as a DICOMweb client.</summary>
public sealed class OrthancTests(OrthancTests.Neighbours neighbours) : IClassFixture<OrthancTests.Neighbours>
{
    /// <summary>Uncompressed, compressed, and without pixels.</summary>
    private static readonly string[] Names = ["MR_small.dcm", "JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "rtplan.dcm"];

    /// <summary>Data Set Trailing Padding.</summary>
    private const string Padding = "FFFCFFFC ";

    private HttpClient Orthanc => neighbours.Http;

    [Fact]
    public async Task Orthanc_verifies_stores_finds_and_moves()
    {
        Assert.True((await PostAsync("modalities/archive/echo", new JsonObject())).IsSuccessStatusCode);

        var files = (await Pydicom.FilesAsync()).Where(path => Names.Contains(Path.GetFileName(path))).ToArray();
        Assert.Equal(Names.Length, files.Length);
        var before = new Dictionary<string, byte[]>();
        using var client = await neighbours.Archive.ClientAsync();
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file);
            var id = (string)(await UploadAsync(bytes))["ID"]!;
            var sent = await AnswerAsync("modalities/archive/store", JsonValue.Create(id));
            Assert.True((int)sent["FailedInstancesCount"]! == 0 && (int)sent["InstancesCount"]! == 1, file);

            // On its way out of Orthanc, dcmtk writes it anew: sequences get another length, and padding at the end stays behind.
            var (study, series, instance) = await DataSet.UidsAsync(bytes);
            var (status, stored) = await client.FetchAsync(study, series, instance);
            Assert.Equal(200, status);
            Assert.Equal((await DataSet.ElementsAsync(bytes)).Where(element => !element.StartsWith(Padding, StringComparison.Ordinal)), await DataSet.ElementsAsync(stored));
            before.Add(id, await DataSet.OfAsync(stored));
        }

        // By each level, with keys that match and keys that do not.
        var (ofStudy, ofSeries, ofInstance) = await DataSet.UidsAsync(await File.ReadAllBytesAsync(files[0]));
        await FindsAsync("Patient", new() { ["PatientID"] = "4MR*", ["PatientName"] = "" }, "PatientID", "4MR1");
        await FindsAsync("Study", new() { ["StudyInstanceUID"] = ofStudy, ["StudyDate"] = "-20301231" }, "StudyInstanceUID", ofStudy);
        await FindsAsync("Study", new() { ["StudyInstanceUID"] = ofStudy, ["StudyDate"] = "20301231-" }, "StudyInstanceUID");
        await FindsAsync("Series", new() { ["StudyInstanceUID"] = ofStudy }, "SeriesInstanceUID", ofSeries);
        await FindsAsync("Instance", new() { ["StudyInstanceUID"] = ofStudy, ["SeriesInstanceUID"] = ofSeries }, "SOPInstanceUID", ofInstance);

        // C-MOVE to Orthanc itself.
        await ForgetAsync();
        var query = await AnswerAsync("modalities/archive/query", new JsonObject { ["Level"] = "Study", ["Query"] = new JsonObject { ["StudyInstanceUID"] = "" } });
        await AnswerAsync($"queries/{query["ID"]}/retrieve", new JsonObject { ["TargetAet"] = Neighbours.AeTitle, ["Synchronous"] = true });
        foreach (var (id, dataSet) in before)
        {
            Assert.Equal(dataSet, await DataSet.OfAsync(await Orthanc.GetByteArrayAsync(new Uri($"instances/{id}/file", UriKind.Relative))));
        }
    }

    [Fact]
    public async Task Orthanc_stores_finds_and_retrieves_by_DICOMweb()
    {
        var instance = new TestInstance { PatientId = "P-79", Rows = 200, Columns = 200 };
        var files = new Dictionary<string, byte[]>();
        var study = "";
        foreach (var number in Enumerable.Range(1, 3))
        {
            var file = await (instance with { Instance = $"{instance.Instance}.{number}", Seed = number }).FileAsync();
            var uploaded = await UploadAsync(file);
            files.Add((string)uploaded["ID"]!, file);
            study = (string)uploaded["ParentStudy"]!;
        }

        await neighbours.AuthorizeAsync();
        await AnswerAsync("dicom-web/servers/archive/stow", new JsonObject { ["Resources"] = new JsonArray(study), ["Synchronous"] = true });
        await ForgetAsync();

        Assert.Equal([instance.Study], await QidoAsync("/studies", "0020000D", new() { ["PatientID"] = "P-79" }));
        Assert.Equal([], await QidoAsync("/studies", "0020000D", new() { ["PatientID"] = "P-80" }));
        Assert.Equal([instance.Series], await QidoAsync($"/studies/{instance.Study}/series", "0020000E", []));
        Assert.Equal(
            Enumerable.Range(1, 3).Select(number => $"{instance.Instance}.{number}"),
            (await QidoAsync($"/studies/{instance.Study}/series/{instance.Series}/instances", "00080018", [])).Order());

        foreach (var resource in new JsonObject[]
        {
            new() { ["Study"] = instance.Study },
            new() { ["Study"] = instance.Study, ["Series"] = instance.Series },
            new() { ["Study"] = instance.Study, ["Series"] = instance.Series, ["Instance"] = $"{instance.Instance}.2" },
        })
        {
            await AnswerAsync("dicom-web/servers/archive/retrieve", new JsonObject { ["Resources"] = new JsonArray(resource), ["Synchronous"] = true });
            var retrieved = await InstancesAsync();
            Assert.Equal(resource.ContainsKey("Instance") ? 1 : 3, retrieved.Length);
            foreach (var id in retrieved)
            {
                Assert.Equal(files[id], await Orthanc.GetByteArrayAsync(new Uri($"instances/{id}/file", UriKind.Relative)));
            }

            await ForgetAsync();
        }
    }

    private async Task FindsAsync(string level, JsonObject keys, string key, params string[] expected)
    {
        var query = await AnswerAsync("modalities/archive/query", new JsonObject { ["Level"] = level, ["Query"] = keys });
        var answers = await Orthanc.GetFromJsonAsync<JsonArray>($"queries/{query["ID"]}/answers?expand&simplify");
        Assert.Equal(expected, answers!.Select(answer => (string)answer![key]!));
    }

    private async Task<IEnumerable<string>> QidoAsync(string path, string key, JsonObject arguments)
    {
        var found = await AnswerAsync("dicom-web/servers/archive/qido", new JsonObject { ["Uri"] = path, ["Arguments"] = arguments });
        return [.. found.AsArray().Select(one => (string)one![key]!["Value"]!)];
    }

    private async Task<JsonNode> UploadAsync(byte[] file)
    {
        using var response = await Orthanc.PostAsync(new Uri("instances", UriKind.Relative), new ByteArrayContent(file));
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private async Task<string[]> InstancesAsync() => (await Orthanc.GetFromJsonAsync<string[]>("instances"))!;

    /// <summary>Takes everything out of Orthanc.</summary>
    private async Task ForgetAsync()
    {
        foreach (var id in await InstancesAsync())
        {
            (await Orthanc.DeleteAsync(new Uri($"instances/{id}", UriKind.Relative))).EnsureSuccessStatusCode();
        }
    }

    private async Task<JsonNode> AnswerAsync(string path, JsonNode body)
    {
        using var response = await PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text + neighbours.Log);
        return JsonNode.Parse(text)!;
    }

    private Task<HttpResponseMessage> PostAsync(string path, JsonNode body) => Orthanc.PostAsJsonAsync(path, body);

    /// <summary>An archive and an Orthanc that know each other.</summary>
    public sealed class Neighbours : IAsyncLifetime
    {
        public const string AeTitle = "READER";

        private readonly int port = FreePorts.Next();
        private OrthancServer? orthanc;
        private DimseServer? archive;

        internal DimseServer Archive => archive!;

        internal HttpClient Http { get; private set; } = null!;

        internal string Log => orthanc!.Output;

        public async ValueTask InitializeAsync()
        {
            archive = await DimseServer.StartAsync(tls: true, readerPort: port, destinationTls: true);
            var settings = new JsonObject
            {
                ["DicomAet"] = AeTitle,
                ["DicomTlsEnabled"] = true,
                ["DicomTlsCertificate"] = archive.File("reader.pem"),
                ["DicomTlsPrivateKey"] = archive.File("reader.key"),
                ["DicomTlsTrustedCertificates"] = archive.File("authority.pem"),
                ["DicomModalities"] = new JsonObject
                {
                    ["archive"] = new JsonObject { ["AET"] = DimseServer.AeTitle, ["Host"] = "localhost", ["Port"] = archive.Port, ["UseDicomTls"] = true },
                },
            };
            orthanc = await OrthancServer.StartAsync(Directory.CreateTempSubdirectory("orthanc-").FullName, port, settings);
            Http = new HttpClient { BaseAddress = orthanc.Address };
        }

        /// <summary>Gives Orthanc's DICOMweb client a token.</summary>
        internal async Task AuthorizeAsync()
        {
            using var client = await Archive.ClientAsync();
            using var response = await Http.PutAsJsonAsync("dicom-web/servers/archive", new JsonObject
            {
                ["Url"] = $"{Archive.Server.Url}/dicom-web/",
                ["HttpHeaders"] = new JsonObject { ["Authorization"] = $"Bearer {await client.TokenAsync("store,search,read")}" },
            });
            response.EnsureSuccessStatusCode();
        }

        public async ValueTask DisposeAsync()
        {
            Http?.Dispose();
            if (orthanc is not null)
            {
                await orthanc.DisposeAsync();
            }

            if (archive is not null)
            {
                await archive.DisposeAsync();
            }
        }
    }
}
