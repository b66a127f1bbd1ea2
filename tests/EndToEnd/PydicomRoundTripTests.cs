using System.Buffers;
using System.Text.Json;
using SecureStore.Silo.Search;

namespace SecureStore.EndToEnd;

/// <summary>The files that come with pydicom, in by STOW-RS, out by WADO-RS and QIDO-RS.</summary>
public class PydicomRoundTripTests(PydicomStores stores) : IClassFixture<PydicomStores>
{
    private const string DicomJson = "application/dicom+json";

    [Fact]
    public async Task Each_file_comes_back_byte_for_byte()
    {
        foreach (var file in stores.Stored)
        {
            var (status, body) = await file.Client.GetAsync(file.Address!, "application/dicom; transfer-syntax=*");
            Assert.Equal(200, status);
            Assert.True(file.Bytes.AsSpan().SequenceEqual(body), file.Name);
        }
    }

    [Fact]
    public async Task Refused_are_those_without_UIDs_or_that_nobody_can_read_and_the_docs_list_them()
    {
        foreach (var file in stores.Refused)
        {
            Assert.True(file.Uids?.Contains(null) ?? !await Pydicom.DcmdumpReadsAsync(file.Path), $"{file.Name}: {file.Refusal}");
        }

        var listed = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "dicom-files.md"))).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        Assert.Equal(stores.Refused.Select(file => $"| `{file.Name}` | {file.Refusal} |").Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Metadata_equals_what_pydicom_makes_of_the_files() =>
        await CompareAsync("compare", await AnswersAsync(file => $"{file.Address}/metadata"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Searches_return_what_pydicom_reads_in_the_files(int level)
    {
        var answers = await AnswersAsync(file =>
        {
            var uids = file.Address!.Split('/').Where((_, i) => i % 2 == 1).Skip(1).ToArray();
            return level switch
            {
                0 => $"/dicom-web/studies?StudyInstanceUID={uids[0]}&includefield=all",
                1 => $"/dicom-web/series?SeriesInstanceUID={uids[1]}&StudyInstanceUID={uids[0]}&includefield=all",
                _ => $"/dicom-web/instances?SOPInstanceUID={uids[2]}&includefield=all",
            };
        });
        await CompareAsync("search", $$"""
            {"attributes": {{JsonSerializer.Serialize(SearchFields.All((QueryLevel)level).Select(tag => tag.ToString()))}}, "files": {{answers}}}
            """);
    }

    /// <summary>{path: the one object in the answer}.</summary>
    private async Task<string> AnswersAsync(Func<StoredFile, string> request)
    {
        var output = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        foreach (var file in stores.Stored)
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

    private async Task CompareAsync(string verb, string input)
    {
        var differences = (await Pydicom.RunAsync(verb, System.Text.Encoding.UTF8.GetBytes(input))).TrimEnd();
        Assert.Matches($@"\A{stores.Stored.Count()} files, \d{{3,}} elements\z", differences);
    }
}
