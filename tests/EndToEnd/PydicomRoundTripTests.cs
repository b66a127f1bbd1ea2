using System.Buffers;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Silo.Search;

namespace SecureStore.EndToEnd;

/// <summary>The files that come with pydicom, in by STOW-RS, out by WADO-RS and QIDO-RS.</summary>
public class PydicomRoundTripTests(PydicomStores stores) : IClassFixture<PydicomStores>
{
    private const string DicomJson = "application/dicom+json";

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Each_file_comes_back_byte_for_byte(Mode mode)
    {
        foreach (var file in (await stores.InAsync(mode)).Stored)
        {
            var (status, body) = await file.Client.GetAsync(file.Address!, "application/dicom; transfer-syntax=*");
            Assert.Equal(200, status);
            Assert.True(file.Bytes.AsSpan().SequenceEqual(body), file.Name);
        }
    }

    [Fact]
    public async Task Compressed_files_come_decompressed_to_the_pixels_that_others_see()
    {
        using var folder = new TemporaryFolder();
        var decompressed = new Dictionary<string, string?>();
        foreach (var file in (await stores.InAsync(Mode.Embedded)).Stored)
        {
            var stored = await DicomFile.OpenAsync(file.Path);
            if (stored is not { Syntax.IsEncapsulated: true, PixelData: not null })
            {
                continue;
            }

            decompressed.Add(file.Path, null);
            var (status, body) = await file.Client.GetAsync(file.Address!, "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
            if (status == 200)
            {
                await File.WriteAllBytesAsync(decompressed[file.Path] = Path.Combine(folder.Path, file.Name.Replace('/', '-')), body);
                (status, var frame) = await file.Client.GetAsync($"{file.Address}/frames/1", "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1");
                Assert.Equal(200, status);
                Assert.True(body.AsSpan().IndexOf(frame) > 0, file.Name);
            }
        }

        // Nobody decodes JPEG2000-embedded-sequence-delimiter.dcm: a delimiter was written over the size of its image.
        Assert.Equal("33 files, 32 decoded by others", (await Pydicom.ComparePixelsAsync(decompressed)).TrimEnd());
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Refused_are_those_without_UIDs_or_that_nobody_can_read_and_the_docs_list_them(Mode mode)
    {
        var store = await stores.InAsync(mode);
        foreach (var file in store.Refused)
        {
            Assert.True(file.Uids?.Contains(null) ?? !await Pydicom.DcmdumpReadsAsync(file.Path), $"{file.Name}: {file.Refusal}");
        }

        var listed = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "dicom-files.md"))).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        if (mode == Mode.Cluster)
        {
            // It was sent a part of the files.
            listed = listed.Where(line => store.Sent.Any(file => line.StartsWith($"| `{file.Name}` |", StringComparison.Ordinal)));
        }

        Assert.Equal(store.Refused.Select(file => $"| `{file.Name}` | {file.Refusal} |").Order(StringComparer.Ordinal), listed);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Metadata_equals_what_pydicom_makes_of_the_files(Mode mode)
    {
        var store = await stores.InAsync(mode);
        await CompareAsync(store, "compare", await AnswersAsync(store, file => $"{file.Address}/metadata"));
    }

    [Theory]
    [InlineData(Mode.Embedded, 0)]
    [InlineData(Mode.Embedded, 1)]
    [InlineData(Mode.Embedded, 2)]
    [InlineData(Mode.Cluster, 0)]
    [InlineData(Mode.Cluster, 1)]
    [InlineData(Mode.Cluster, 2)]
    public async Task Searches_return_what_pydicom_reads_in_the_files(Mode mode, int level)
    {
        var store = await stores.InAsync(mode);
        var answers = await AnswersAsync(store, file =>
        {
            var uids = file.Address!.Split('/').Where((_, i) => i % 2 == 1).Skip(1).ToArray();
            return level switch
            {
                0 => $"/dicom-web/studies?StudyInstanceUID={uids[0]}&includefield=all",
                1 => $"/dicom-web/series?SeriesInstanceUID={uids[1]}&StudyInstanceUID={uids[0]}&includefield=all",
                _ => $"/dicom-web/instances?SOPInstanceUID={uids[2]}&includefield=all",
            };
        });
        await CompareAsync(store, "search", $$"""
            {"attributes": {{JsonSerializer.Serialize(SearchFields.All((QueryLevel)level).Select(tag => tag.ToString()))}}, "files": {{answers}}}
            """);
    }

    /// <summary>{path: the one object in the answer}.</summary>
    private static async Task<string> AnswersAsync(PydicomStore store, Func<StoredFile, string> request)
    {
        var output = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        foreach (var file in store.Stored)
        {
            var (status, body) = await file.Client.GetAsync(request(file), DicomJson);
            Assert.Equal(200, status);
            json.WritePropertyName(file.Path);
            Assert.Single(JsonDocument.Parse(body).RootElement.EnumerateArray()).WriteTo(json);
        }

        json.WriteEndObject();
        await json.FlushAsync();
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static async Task CompareAsync(PydicomStore store, string verb, string input)
    {
        var differences = (await Pydicom.RunAsync(verb, System.Text.Encoding.UTF8.GetBytes(input))).TrimEnd();
        Assert.Matches($@"\A{store.Stored.Count()} files, \d{{3,}} elements\z", differences);
    }
}
