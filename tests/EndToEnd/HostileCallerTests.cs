using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>What callers try who mean harm, with a token for something else or with none.</summary>
public class HostileCallerTests(Archives archives)
{
    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task A_transfer_syntax_that_is_no_UID_puts_nothing_into_headers(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var client = await archive.Client.WithTokenAsync();
        foreach (var named in new[] { "1.2.3\r\nX-Planted: 1\r\nX: ", "1.2.840.10008.1.2.1\"; boundary=x", "1.2.840.10008.1.2.1\n1" })
        {
            var one = new TestInstance();
            var file = await WithTransferSyntaxAsync(one, named);
            Assert.Equal(200, (await client.StoreAsync(null, file)).Status);
            foreach (var path in new[] { $"/dicom-web/studies/{one.Study}", $"/dicom-web/studies/{one.Study}/series/{one.Series}/instances/{one.Instance}" })
            {
                var (status, body) = await client.GetAsync(path, "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
                Assert.Equal(200, status);
                var header = Encoding.ASCII.GetString(body)[..Encoding.ASCII.GetString(body).IndexOf("\r\n\r\n", StringComparison.Ordinal)];
                Assert.Equal(3, header.Split("\r\n").Length);
                Assert.Contains("Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1\r\n", header, StringComparison.Ordinal);
            }

            var (whole, stored) = await client.FetchAsync(one.Study, one.Series, one.Instance);
            Assert.Equal(200, whole);
            Assert.Equal(file, stored);
        }
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task A_form_with_files_is_not_read_by_the_token_endpoint(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[900_000]), "file", "a.dcm" } };
        var body = await form.ReadAsByteArrayAsync();
        using var cutOff = new ByteArrayContent(body[..^20]);
        cutOff.Headers.ContentType = form.Headers.ContentType;
        using var response = await archive.Client.Http.PostAsync(new Uri("/oauth2/token", UriKind.Relative), cutOff);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain("broken", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Only_a_store_request_may_be_large(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var client = await archive.Client.WithTokenAsync("destroy");
        using var large = new ByteArrayContent(new byte[2_000_000]);
        large.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.Http.PostAsync(new Uri("/api/studies/1.2/destroy", UriKind.Relative), large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData(Mode.Embedded, "PatientName=", "a*b?")]
    [InlineData(Mode.Embedded, "StudyDescription=", "a*b?")]
    [InlineData(Mode.Embedded, "fuzzymatching=true&PatientName=", "a%20b%20")]
    [InlineData(Mode.Cluster, "PatientName=", "a*b?")]
    [InlineData(Mode.Cluster, "StudyDescription=", "a*b?")]
    [InlineData(Mode.Cluster, "fuzzymatching=true&PatientName=", "a%20b%20")]
    public async Task A_pattern_of_a_thousand_pieces_is_answered(Mode mode, string key, string piece)
    {
        await using var archive = await archives.StartAsync(mode);
        var client = await archive.Client.WithTokenAsync();
        var value = string.Concat(Enumerable.Range(0, 1000).Select(index => piece.Replace('a', (char)('c' + (index % 20)))));
        Assert.Equal(200, (await client.JsonAsync($"/dicom-web/studies?{key}{value}")).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Who_may_only_store_is_not_told_whose_study_it_is(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var one = new TestInstance { PatientId = "PLANTED" };
        var client = await archive.Client.WithTokenAsync();
        await client.StoreAsync(null, await one.FileAsync());
        var path = $"/api/studies/{one.Study}/retention";

        await client.WithTokenAsync("store,read_deidentified");
        var (status, body) = await client.GetAsync(path, "application/json");
        Assert.Equal(403, status);
        Assert.DoesNotContain("PLANTED", Encoding.UTF8.GetString(body), StringComparison.Ordinal);

        await client.WithTokenAsync("read", "patient::OTHER");
        Assert.Equal(404, (await client.GetAsync(path, "application/json")).Status);

        await client.WithTokenAsync("search,audit");
        Assert.Equal("PLANTED", (await client.JsonAsync(path, "application/json")).Body.GetProperty("patient_id").GetString());
        var (_, log) = await client.GetAsync("/api/audit/entries?limit=100000", "application/x-ndjson");
        Assert.Contains(Encoding.UTF8.GetString(log).Split('\n'), line => line.Contains("\"detail\":\"Retention\"", StringComparison.Ordinal) && line.Contains(one.Study, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_file_of_the_archive_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No Unix modes.");
        await using var archive = await InProcessArchive.StartAsync();
        await (await archive.Client.WithTokenAsync()).StoreAsync(null, await new TestInstance().FileAsync());
        var open = Directory.EnumerateFiles(archive.Folder, "*", SearchOption.AllDirectories)
            .Where(file => (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0);
        Assert.Empty(open);
    }

    private static async Task<byte[]> WithTransferSyntaxAsync(TestInstance one, string named)
    {
        var text = Encoding.Latin1.GetString(await one.FileAsync());
        var element = text.IndexOf("\x02\0\x10\0UI", StringComparison.Ordinal);
        var padded = named.Length % 2 == 0 ? named : named + "\0";
        return Encoding.Latin1.GetBytes(
            $"{text[..(element + 6)]}{(char)padded.Length}\0{padded}{text[(element + 8 + text[element + 6])..]}");
    }
}
