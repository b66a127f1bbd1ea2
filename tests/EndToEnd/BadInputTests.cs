using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>Bad input gets its clear error, and what was good beside it is stored.</summary>
public sealed class BadInputTests(Archives archives) : IAsyncDisposable
{
    private static readonly byte[] PatientNameTag = [0x10, 0, 0x10, 0];

    private readonly TestInstance first = new();
    private Archive archive = null!;
    private ArchiveClient client = null!;

    private TestInstance Second => first with { Instance = first.Instance + ".2", Seed = 2 };

    public ValueTask DisposeAsync() => archive.DisposeAsync();

    [Theory]
    [InlineData(Mode.Embedded, "empty", 0xC000)]
    [InlineData(Mode.Embedded, "JSON", 0xC000)]
    [InlineData(Mode.Embedded, "length beyond the file", 0xC000)]
    [InlineData(Mode.Embedded, "cut off before its UIDs", 0xC001)]
    [InlineData(Mode.Embedded, "no UIDs", 0xC001)]
    [InlineData(Mode.Embedded, "100,000 nested sequences", 0xC000)]
    [InlineData(Mode.Embedded, "another study", 0xA900)]
    [InlineData(Mode.Cluster, "empty", 0xC000)]
    [InlineData(Mode.Cluster, "JSON", 0xC000)]
    [InlineData(Mode.Cluster, "length beyond the file", 0xC000)]
    [InlineData(Mode.Cluster, "cut off before its UIDs", 0xC001)]
    [InlineData(Mode.Cluster, "no UIDs", 0xC001)]
    [InlineData(Mode.Cluster, "100,000 nested sequences", 0xC000)]
    [InlineData(Mode.Cluster, "another study", 0xA900)]
    public async Task A_bad_part_is_refused_with_its_reason_and_the_others_are_stored(Mode mode, string bad, int reason)
    {
        await StartAsync(mode);
        var (one, two) = (await first.FileAsync(), await Second.FileAsync());
        var (status, response) = await client.StoreAsync(first.Study, one, await BadAsync(bad), two);
        Assert.Equal(202, status);
        Assert.Equal(2, Items(response, "00081199").Count);
        var failed = Assert.Single(Items(response, "00081198").Concat(Items(response, "0008119A")));
        Assert.Equal(reason, failed.GetProperty("00081197").GetProperty("Value")[0].GetInt32());
        Assert.NotEqual("", failed.GetProperty("00000902").GetProperty("Value")[0].GetString());
        await AssertStoredAsync(first, one);
        await AssertStoredAsync(Second, two);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Nothing_but_bad_parts_is_409(Mode mode)
    {
        await StartAsync(mode);
        Assert.Equal(409, (await client.StoreAsync(first.Study, await BadAsync("JSON"), await BadAsync("empty"))).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task An_unknown_transfer_syntax_is_stored_and_comes_back_as_it_came(Mode mode)
    {
        await StartAsync(mode);
        var file = await first.FileAsync();
        var known = Encoding.ASCII.GetBytes("1.2.840.10008.1.2.1\0");
        Encoding.ASCII.GetBytes("1.2.826.0.1.999999.7").CopyTo(file, file.AsSpan().LastIndexOf(known) is var at and >= 0 ? at : throw new InvalidOperationException());
        Assert.Equal(200, (await client.StoreAsync(first.Study, file)).Status);
        await AssertStoredAsync(first, file);
        var (status, _) = await client.GetAsync(Address(first), "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
        Assert.Equal(406, status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Pixel_data_that_claims_more_than_there_is_comes_back_as_it_came(Mode mode)
    {
        await StartAsync(mode);
        var file = await first.FileAsync();
        var pixels = first.Rows * first.Columns * 2;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - pixels - 4), 0x7FFFFFF0);
        Assert.Equal(200, (await client.StoreAsync(first.Study, file)).Status);
        await AssertStoredAsync(first, file);
    }

    [Theory]
    [InlineData(Mode.Embedded, "multipart/related; type=\"application/dicom\"; boundary=another", 400)]
    [InlineData(Mode.Embedded, "multipart/related; type=\"application/dicom\"", 400)]
    [InlineData(Mode.Embedded, "application/json", 415)]
    [InlineData(Mode.Embedded, "multipart/related; type=\"application/dicom+json\"; boundary=it", 415)]
    [InlineData(Mode.Cluster, "multipart/related; type=\"application/dicom\"; boundary=another", 400)]
    [InlineData(Mode.Cluster, "multipart/related; type=\"application/dicom\"", 400)]
    [InlineData(Mode.Cluster, "application/json", 415)]
    [InlineData(Mode.Cluster, "multipart/related; type=\"application/dicom+json\"; boundary=it", 415)]
    public async Task A_wrong_boundary_or_type_refuses_the_request(Mode mode, string type, int expected)
    {
        await StartAsync(mode);
        using var content = new ByteArrayContent([.. Part(await first.FileAsync()), .. "--it--"u8]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await client.Http.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), content);
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(404, (await client.FetchAsync(first.Study, first.Series, first.Instance)).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Of_a_body_without_its_end_the_whole_parts_are_kept(Mode mode)
    {
        await StartAsync(mode);
        var (one, two) = (await first.FileAsync(), await Second.FileAsync());
        using var content = new ByteArrayContent([.. Part(one), .. Part(two)[..^100]]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=it");
        using var response = await client.Http.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), content);
        Assert.Equal(400, (int)response.StatusCode);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(1, problem.GetProperty("stored").GetInt32());
        await AssertStoredAsync(first, one);
        Assert.Equal(404, (await client.FetchAsync(first.Study, first.Series, Second.Instance)).Status);
        Assert.Equal(200, (await client.StoreAsync(null, one, two)).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task What_a_connection_that_ends_halfway_has_sent_is_kept_whole_or_can_be_sent_again(Mode mode)
    {
        await StartAsync(mode);
        var (one, two) = (await first.FileAsync(), await Second.FileAsync());
        byte[] sent = [.. Part(one), .. Part(two)[..^100]];
        using (var connection = new TcpClient())
        {
            var url = client.Http.BaseAddress!;
            await connection.ConnectAsync(url.Host, url.Port);
            var stream = connection.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"""
                 POST /dicom-web/studies HTTP/1.1
                 Host: {url.Authority}
                 Authorization: {client.Http.DefaultRequestHeaders.Authorization}
                 Content-Type: multipart/related; type="application/dicom"; boundary=it
                 Content-Length: {sent.Length + 1000}


                 """.ReplaceLineEndings("\r\n")));
            await stream.WriteAsync(sent);
            connection.Client.Shutdown(SocketShutdown.Send);
            try
            {
                await stream.CopyToAsync(Stream.Null);
            }
            catch (IOException)
            {
                // The archive may reset a connection that its caller has left.
            }
        }

        var (status, body) = await client.FetchAsync(first.Study, first.Series, first.Instance);
        Assert.True(status == 404 || one.AsSpan().SequenceEqual(body));
        Assert.Equal(404, (await client.FetchAsync(first.Study, first.Series, Second.Instance)).Status);
        Assert.Equal(200, (await client.StoreAsync(null, one, two)).Status);
        await AssertStoredAsync(first, one);
        await AssertStoredAsync(Second, two);
    }

    private async Task StartAsync(Mode mode)
    {
        archive = await archives.StartAsync(mode);
        client = await archive.Client.WithTokenAsync();
    }

    private async Task<byte[]> BadAsync(string kind)
    {
        var file = await (first with { Instance = first.Instance + ".9", Seed = 9 }).FileAsync();
        switch (kind)
        {
            case "empty":
                return [];
            case "JSON":
                return """[{"00080018": {"vr": "UI", "Value": ["1.2.3"]}}]"""u8.ToArray();
            case "length beyond the file":
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(file.AsSpan().IndexOf(PatientNameTag) + 6), 0xFFFE);
                return file;
            case "cut off before its UIDs":
                return file[..file.AsSpan().IndexOf(PatientNameTag)];
            case "no UIDs":
                using (var output = new MemoryStream())
                {
                    await new DicomFile(
                        new DicomDataset().AddOrUpdate(DicomTag.MediaStorageSOPClassUID, "1.2.3").AddOrUpdate(DicomTag.MediaStorageSOPInstanceUID, "1.2.4"),
                        new DicomDataset().AddOrUpdate(DicomTag.PatientID, "P1").AddOrUpdate(DicomTag.SOPClassUID, "1.2.3").AddOrUpdate(DicomTag.Rows, 1L),
                        DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(output);
                    return output.ToArray();
                }

            case "100,000 nested sequences":
                // (0008,1110) of undefined length and an item of undefined length, again and again.
                byte[] nested = [0x08, 0, 0x10, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
                var at = file.AsSpan().IndexOf(PatientNameTag);
                return [.. file[..at], .. Enumerable.Repeat(nested, 100_000).SelectMany(bytes => bytes), .. file[at..]];
            default:
                return await new TestInstance().FileAsync();
        }
    }

    private static byte[] Part(byte[] file) => [.. "--it\r\nContent-Type: application/dicom\r\n\r\n"u8, .. file, .. "\r\n"u8];

    private static List<JsonElement> Items(JsonElement response, string tag) =>
        response.TryGetProperty(tag, out var sequence) ? [.. sequence.GetProperty("Value").EnumerateArray()] : [];

    private static string Address(TestInstance one) => $"/dicom-web/studies/{one.Study}/series/{one.Series}/instances/{one.Instance}";

    private async Task AssertStoredAsync(TestInstance one, byte[] file)
    {
        var (status, body) = await client.FetchAsync(one.Study, one.Series, one.Instance);
        Assert.Equal(200, status);
        Assert.Equal(file, body);
    }
}
