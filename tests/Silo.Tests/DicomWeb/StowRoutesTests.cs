using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace SecureStore.Silo.Tests;

public class StowRoutesTests
{
    private const string Studies = "/dicom-web/studies";
    private const string Multipart = "multipart/related; type=\"application/dicom\"; boundary=b0undary";
    private const string DicomHeader = "Content-Type: application/dicom\r\n";

    [Fact]
    public async Task All_stored_is_200_with_a_reference_and_a_URL_each()
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await StoreAsync(server, "Stored 1", "Duplicate 2");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.MediaType);
        var body = await JsonAsync(response);
        var study = $"{server.Client.BaseAddress}dicom-web/studies/1.2.3";
        Assert.Equal(study, Value(body, "00081190").GetString());
        var stored = Items(body, "00081199");
        Assert.Equal(["1.2.3.4.1", "1.2.3.4.2"], stored.Select(item => Value(item, "00081155").GetString()));
        Assert.Equal($"{study}/series/1.2.3.4/instances/1.2.3.4.1", Value(stored[0], "00081190").GetString());
        Assert.All(stored, item => Assert.False(item.TryGetProperty("00081196", out _)));
        Assert.False(body.TryGetProperty("00081198", out _));
        Assert.Equal(["1.2.3.4.1", "1.2.3.4.2"], server.Studies.Committed);
        Assert.Null(server.Studies.OnlyStudy);
    }

    [Theory]
    [InlineData("OtherStudy 2", 202, "00081198", 0xA900)]
    [InlineData("Conflict 2", 202, "00081198", 0x0111)]
    [InlineData("Forbidden 2", 202, "00081198", 0x0124)]
    [InlineData("not dicom", 202, "0008119A", 0xC000)]
    [InlineData("", 202, "0008119A", 0xC000)]
    [InlineData("StudyDestroyed 2", 202, "00081198", 0x0110)]
    public async Task Some_failed_is_202_and_says_why(string second, int status, string sequence, int reason)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await StoreAsync(server, "Stored 1", second, "Stored 3");
        Assert.Equal(status, (int)response.StatusCode);
        var body = await JsonAsync(response);
        Assert.Equal(2, Items(body, "00081199").Count);
        Assert.Equal(reason, Value(Assert.Single(Items(body, sequence)), "00081197").GetInt32());
    }

    [Theory]
    [InlineData("DuplicateInOtherTransferSyntax 1", 0xB000)]
    [InlineData("StoredWithPatientMismatch 1", 0xB007)]
    public async Task A_warning_is_202(string part, int reason)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await StoreAsync(server, part);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(reason, Value(Assert.Single(Items(await JsonAsync(response), "00081199")), "00081196").GetInt32());
    }

    [Theory]
    [InlineData(409, "Conflict 1", "not dicom")]
    [InlineData(409, "Forbidden 1", "Conflict 2")]
    [InlineData(403, "Forbidden 1", "Forbidden 2")]
    [InlineData(403, "Forbidden 1", "Unauthorized 2")]
    [InlineData(401, "Unauthorized 1", "Unauthorized 2")]
    public async Task None_stored_is_409_unless_the_token_is_why(int status, params string[] parts)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await StoreAsync(server, parts);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count > 0);
    }

    [Fact]
    public async Task Storage_that_fails_is_503_with_a_time_and_what_was_whole_is_kept()
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await StoreAsync(server, "Stored 1", "Unavailable 2", "Stored 3");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(1, (await JsonAsync(response)).GetProperty("stored").GetInt32());
        Assert.Equal(["1.2.3.4.1"], server.Studies.Committed);
    }

    [Fact]
    public async Task A_commit_that_fails_is_503_and_promises_nothing()
    {
        await using var server = await DicomWebServer.StartAsync();
        server.Studies.CommitFails = true;
        using var response = await StoreAsync(server, "Stored 1", "not dicom");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(0, (await JsonAsync(response)).GetProperty("stored").GetInt32());
    }

    [Fact]
    public async Task A_part_of_another_type_fails_and_the_others_are_stored()
    {
        await using var server = await DicomWebServer.StartAsync();
        var text = "--b0undary\r\nContent-Type: application/json\r\n\r\n{}\r\n--b0undary\r\n" + DicomHeader + "\r\nStored 2\r\n--b0undary--";
        using var response = await PostAsync(server, Encoding.ASCII.GetBytes(text), Multipart);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var body = await JsonAsync(response);
        Assert.Equal(0xC000, Value(Assert.Single(Items(body, "0008119A")), "00081197").GetInt32());
        Assert.Single(Items(body, "00081199"));
    }

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=other")]
    [InlineData("multipart/related; type=\"application/dicom\"")]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=\"b\u0001d\"")]
    public async Task A_wrong_boundary_is_400(string contentType)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await PostAsync(server, MultipartPartReaderTests.Body(["Stored 1"u8.ToArray()], DicomHeader), contentType);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_body_cut_off_is_400_and_whole_parts_are_kept()
    {
        await using var server = await DicomWebServer.StartAsync();
        var body = MultipartPartReaderTests.Body(["Stored 1"u8.ToArray(), "Stored 2"u8.ToArray()], DicomHeader);
        using var response = await PostAsync(server, body[..^15], Multipart);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(1, (await JsonAsync(response)).GetProperty("stored").GetInt32());
        Assert.Equal(["1.2.3.4.1"], server.Studies.Committed);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_keeps_whole_parts_and_the_server_goes_on()
    {
        await using var server = await DicomWebServer.StartAsync();
        var body = MultipartPartReaderTests.Body(["Stored 1"u8.ToArray(), new byte[100_000]], DicomHeader);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
            var head = $"POST {Studies} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\nContent-Type: {Multipart}\r\nContent-Length: {body.Length}\r\n\r\n";
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            await stream.WriteAsync(body.AsMemory(0, body.Length - 1000));
            await server.Studies.FirstReceived.Task.WaitAsync(TimeSpan.FromSeconds(30));
            socket.Client.Shutdown(SocketShutdown.Send);
            await server.Studies.FirstCommit.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(["1.2.3.4.1"], server.Studies.Committed);
        using var response = await StoreAsync(server, "Stored 2");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=b0undary")]
    [InlineData("multipart/related; type=\"application/dicom+json\"; boundary=b0undary")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Another_content_type_is_415(string? contentType)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await PostAsync(server, "{}"u8.ToArray(), contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("multipart/related; type=application/dicom; boundary=b0undary")]
    [InlineData("Multipart/Related;boundary=\"b0undary\";type=\"application/dicom\"")]
    [InlineData("multipart/related; boundary=b0undary")]
    public async Task The_content_type_is_read_as_senders_write_it(string contentType)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await PostAsync(server, MultipartPartReaderTests.Body(["Stored 1"u8.ToArray()], DicomHeader), contentType);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_compressed_body_is_415()
    {
        await using var server = await DicomWebServer.StartAsync();
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.TryAddWithoutValidation("Content-Type", Multipart);
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await server.Client.PostAsync(Studies, content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task One_instance_can_come_without_multipart()
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await PostAsync(server, "Stored 1"u8.ToArray(), "application/dicom", Studies + "/1.2.3");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("1.2.3", server.Studies.OnlyStudy);
    }

    [Theory]
    [InlineData("application/dicom", "")]
    [InlineData(Multipart, "")]
    [InlineData(Multipart, "--b0undary--\r\n")]
    public async Task Nothing_to_store_is_400(string contentType, string body)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await PostAsync(server, Encoding.ASCII.GetBytes(body), contentType);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1..2")]
    [InlineData("1.2.345678901234567890123456789012345678901234567890123456789012345")]
    public async Task A_study_that_is_no_UID_is_400(string study)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await PostAsync(server, "Stored 1"u8.ToArray(), "application/dicom", $"{Studies}/{study}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_read_and_the_answer_is_401()
    {
        await using var server = await DicomWebServer.StartAsync();
        server.Client.DefaultRequestHeaders.Authorization = null;
        using var response = await StoreAsync(server, "Stored 1");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
        Assert.Empty(server.Studies.Committed);
    }

    [Fact]
    public async Task A_caller_who_takes_only_XML_gets_406_before_anything_is_stored()
    {
        await using var server = await DicomWebServer.StartAsync();
        server.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/dicom+xml");
        using var response = await StoreAsync(server, "Stored 1");
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
        Assert.Empty(server.Studies.Committed);
    }

    [Fact]
    public async Task Many_parts_are_committed_in_batches_and_answered_in_order()
    {
        await using var server = await DicomWebServer.StartAsync();
        var parts = Enumerable.Range(1, 501).Select(number => number % 100 == 0 ? "not dicom" : $"Stored {number}").ToArray();
        using var response = await StoreAsync(server, parts);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal([200, 200, 96], server.Studies.Commits);
        var stored = Items(await JsonAsync(response), "00081199").Select(item => Value(item, "00081155").GetString());
        Assert.Equal(server.Studies.Committed, stored);
    }

    [Fact]
    public async Task More_parts_than_allowed_are_413()
    {
        await using var server = await DicomWebServer.StartAsync(("DicomWeb:MaxParts", "2"));
        using var response = await StoreAsync(server, "Stored 1", "Stored 2", "Stored 3");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(2, server.Studies.Committed.Count);
    }

    [Fact]
    public async Task A_body_above_the_servers_usual_limit_is_taken()
    {
        await using var server = await DicomWebServer.StartAsync();
        var part = new byte[40_000_000];
        "Stored 1 "u8.CopyTo(part);
        using var request = new HttpRequestMessage(HttpMethod.Post, Studies);
        request.Content = new ByteArrayContent(MultipartPartReaderTests.Body([part], DicomHeader));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", Multipart);
        request.Headers.ExpectContinue = true;
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_page_of_a_named_origin_may_store_and_another_may_not()
    {
        await using var server = await DicomWebServer.StartAsync(("DicomWeb:CorsOrigins:0", "https://viewer.example"));
        foreach (var (origin, isAllowed) in new[] { ("https://viewer.example", true), ("https://evil.example", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, Studies);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            using var response = await server.Client.SendAsync(request);
            Assert.Equal(isAllowed, response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    private static Task<HttpResponseMessage> StoreAsync(DicomWebServer server, params string[] parts) =>
        PostAsync(server, MultipartPartReaderTests.Body(parts.Select(Encoding.ASCII.GetBytes), DicomHeader), Multipart);

    private static async Task<HttpResponseMessage> PostAsync(DicomWebServer server, byte[] body, string? contentType, string path = Studies)
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return await server.Client.PostAsync(path, content);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    private static JsonElement Value(JsonElement item, string tag) => item.GetProperty(tag).GetProperty("Value")[0];

    private static List<JsonElement> Items(JsonElement body, string tag) => [.. body.GetProperty(tag).GetProperty("Value").EnumerateArray()];
}
