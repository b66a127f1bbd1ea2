using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests;

public class WadoRoutesTests
{
    private const string Study = "/dicom-web/studies/1.2.3";
    private const string Series = $"{Study}/series/1.2.3.4";
    private const string Instance = $"{Series}/instances/1.2.3.4.1";
    private const string Jpeg = "1.2.840.10008.1.2.4.50";

    [Theory]
    [InlineData(Study, 3)]
    [InlineData(Series, 2)]
    [InlineData(Instance, 1)]
    public async Task Instances_come_back_byte_for_byte(string path, int count)
    {
        await using var server = await DicomWebServer.StartAsync();
        server.Studies.Instances.Add(MemoryInstance.Of(1, RandomNumberGenerator.GetBytes(500_001)));
        server.Studies.Instances.Add(MemoryInstance.Of(2, RandomNumberGenerator.GetBytes(10), Jpeg));
        server.Studies.Instances.Add(MemoryInstance.Of(3, RandomNumberGenerator.GetBytes(200), series: "1.2.3.5"));
        using var response = await GetAsync(server, path, "multipart/related; type=\"application/dicom\"");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Null(response.Headers.TransferEncodingChunked);
        var parts = await PartsAsync(response);
        Assert.Equal(count, parts.Count);
        foreach (var (part, stored) in parts.Zip(server.Studies.Instances))
        {
            Assert.Equal($"application/dicom; transfer-syntax={stored.Record.TransferSyntaxUid}", part.ContentType);
            Assert.Equal(stored.File, part.Data);
        }
    }

    [Fact]
    public async Task A_series_whose_records_are_not_held_goes_out_without_its_length()
    {
        await using var server = await DicomWebServer.StartAsync();
        for (var i = 1; i <= WadoInstances.MostAnnounced; i++)
        {
            server.Studies.Instances.Add(MemoryInstance.Of(i, [(byte)i]));
        }

        using var response = await GetAsync(server, Series, "multipart/related; type=\"application/dicom\"");
        Assert.True(response.Headers.TransferEncodingChunked);
        var parts = await PartsAsync(response);
        Assert.Equal(server.Studies.Instances.Select(stored => stored.File), parts.Select(part => part.Data));
    }

    [Fact]
    public async Task One_instance_can_go_without_multipart()
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, [1, 2, 3]));
        using var response = await GetAsync(server, Instance, "application/dicom");
        Assert.Equal("application/dicom", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(3, response.Content.Headers.ContentLength);
        Assert.Equal([1, 2, 3], await response.Content.ReadAsByteArrayAsync());
        using var all = await GetAsync(server, Series, "application/dicom");
        Assert.Equal(HttpStatusCode.NotAcceptable, all.StatusCode);
    }

    [Theory]
    [InlineData(Study, "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50", 406)]
    [InlineData(Instance, "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50", 406)]
    [InlineData(Study, "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.1", 200)]
    [InlineData(Study, "multipart/related; type=\"application/dicom+xml\"", 406)]
    [InlineData(Study + "/metadata", "multipart/related; type=\"application/dicom+xml\"", 406)]
    [InlineData(Study + "/metadata", "application/json", 200)]
    [InlineData(Study + "?accept=application/pdf", "*/*", 406)]
    [InlineData("/dicom-web/studies/9.9.9", "*/*", 404)]
    [InlineData("/dicom-web/studies/1.2.3/series/9.9", "*/*", 404)]
    [InlineData("/dicom-web/studies/1.2.3/series/9.9/metadata", "*/*", 404)]
    [InlineData("/dicom-web/studies/1.2.3/series/9.9/instances/1.2.3.4.1", "*/*", 404)]
    [InlineData("/dicom-web/studies/1.2.3/series/1.2.3.4/instances/9.9/metadata", "*/*", 404)]
    [InlineData("/dicom-web/studies/not-a-uid", "*/*", 400)]
    [InlineData("/dicom-web/studies/1.2.3/series/1.2.%22/metadata", "*/*", 400)]
    [InlineData(Instance + "/frames/1", "*/*", 404)]
    [InlineData(Instance + "/frames/1,1/rendered", "*/*", 400)]
    [InlineData(Instance + "/bulkdata/00282000", "*/*", 404)]
    [InlineData(Instance + "/bulkdata/0028", "*/*", 400)]
    [InlineData(Instance + "/bulkdata/00081140/x/00081155", "*/*", 400)]
    public async Task Each_request_has_its_status(string path, string accept, int status)
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, EmptyDicom()));
        using var response = await GetAsync(server, path, accept);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(ReadVerdict.Unauthorized, 401)]
    [InlineData(ReadVerdict.Forbidden, 403)]
    [InlineData(ReadVerdict.NotFound, 404)]
    public async Task What_the_study_decides_is_told(ReadVerdict verdict, int status)
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, [1]));
        server.Studies.Verdict = verdict;
        using var response = await GetAsync(server, Study + "/metadata", "*/*");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(verdict == ReadVerdict.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
    }

    [Fact]
    public async Task Without_a_token_the_answer_is_401()
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, [1]));
        server.Client.DefaultRequestHeaders.Authorization = null;
        using var response = await GetAsync(server, Study, "*/*");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Strictly_read_a_compressed_instance_is_not_what_none_asks_for()
    {
        await using var server = await DicomWebServer.StartAsync(("DicomWeb:StrictTransferSyntax", "true"));
        server.Studies.Instances.Add(MemoryInstance.Of(1, [1], Jpeg));
        using var none = await GetAsync(server, Study, "multipart/related; type=\"application/dicom\"");
        Assert.Equal(HttpStatusCode.NotAcceptable, none.StatusCode);
        using var any = await GetAsync(server, Study, "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        Assert.Equal(HttpStatusCode.OK, any.StatusCode);
    }

    [Fact]
    public async Task Metadata_names_bulk_data_by_whole_URLs()
    {
        const string json = """{"7FE00010":{"vr":"OW","BulkDataURI":"bulkdata/7FE00010"}}""";
        await using var server = await DicomWebServer.StartAsync();
        server.Studies.Instances.Add(MemoryInstance.Of(1, [1], metadata: json, splices: [json.IndexOf("bulkdata/", StringComparison.Ordinal)]));
        server.Studies.Instances.Add(MemoryInstance.Of(2, [1], metadata: """{"00100010":{"vr":"PN"}}"""));
        using var response = await GetAsync(server, Study + "/metadata", "application/dicom+json");
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.MediaType);
        var instances = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(2, instances.GetArrayLength());
        Assert.Equal(
            $"{server.Client.BaseAddress}{Instance[1..]}/bulkdata/7FE00010",
            instances[0].GetProperty("7FE00010").GetProperty("BulkDataURI").GetString());
        Assert.Equal("PN", instances[1].GetProperty("00100010").GetProperty("vr").GetString());
    }

    [Fact]
    public async Task Metadata_goes_on_after_the_response_has_begun()
    {
        var json = $$"""{"00104000":{"vr":"LT","Value":["{{new string('x', 50_000)}}"] } }""";
        await using var server = await DicomWebServer.StartAsync();
        for (var number = 1; number <= 4; number++)
        {
            server.Studies.Instances.Add(MemoryInstance.Of(number, [1], metadata: json));
        }

        using var response = await GetAsync(server, Study + "/metadata", "application/dicom+json");
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(4, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Native_frames_go_out_in_the_order_asked_for()
    {
        var index = new FrameIndex { Count = 3, NativeOffset = 10, NativeFrameBits = 8 * 4, BitsAllocated = 16 };
        await using var server = await WithAsync(MemoryInstance.Of(1, Bytes(0, 30), frames: index));
        using var response = await GetAsync(server, Instance + "/frames/3%2C1", "*/*");
        var parts = await PartsAsync(response);
        Assert.Equal([Bytes(18, 4), Bytes(10, 4)], parts.Select(part => part.Data));
        Assert.All(parts, part => Assert.Equal("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", part.ContentType));
        Assert.NotNull(response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Fragments_of_a_compressed_frame_are_joined()
    {
        var instance = MemoryInstance.Of(1, Bytes(0, 30), Jpeg, frames: new FrameIndex { Count = 2 }) with
        {
            Fragments = [[(2, 3), (10, 2)], [(20, 5)]],
        };
        await using var server = await WithAsync(instance);
        using var one = await GetAsync(server, Instance + "/frames/1", "image/jpeg");
        Assert.Equal("image/jpeg", one.Content.Headers.ContentType!.MediaType);
        Assert.Equal([2, 3, 4, 10, 11], await one.Content.ReadAsByteArrayAsync());
        using var both = await GetAsync(server, Instance + "/bulkdata/7FE00010", "*/*");
        Assert.Equal([[2, 3, 4, 10, 11], Bytes(20, 5)], (await PartsAsync(both)).Select(part => part.Data));
        using var uncompressed = await GetAsync(
            server, Instance + "/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1");
        Assert.Equal(HttpStatusCode.NotAcceptable, uncompressed.StatusCode);
    }

    [Theory]
    [InlineData("0", 400)]
    [InlineData("-1", 400)]
    [InlineData("1,", 400)]
    [InlineData("a", 400)]
    [InlineData("1;2", 400)]
    [InlineData("99999999999", 400)]
    [InlineData("4", 404)]
    [InlineData("1,4", 404)]
    [InlineData("2,1,2", 400)]
    [InlineData("1, 2", 200)]
    public async Task Frame_lists_are_checked(string list, int status)
    {
        var index = new FrameIndex { Count = 3, NativeOffset = 0, NativeFrameBits = 8 };
        await using var server = await WithAsync(MemoryInstance.Of(1, [1, 2, 3], frames: index));
        using var response = await GetAsync(server, $"{Instance}/frames/{Uri.EscapeDataString(list)}", "*/*");
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Big_endian_frames_are_turned_round()
    {
        var index = new FrameIndex { Count = 1, NativeOffset = 12, NativeFrameBits = 32, BitsAllocated = 16 };
        await using var server = await WithAsync(MemoryInstance.Of(1, Bytes(0, 16), "1.2.840.10008.1.2.2", frames: index));
        using var response = await GetAsync(server, Instance + "/frames/1", "application/octet-stream");
        Assert.Equal([13, 12, 15, 14], await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Native_pixel_data_is_one_bulk_value()
    {
        var index = new FrameIndex { Count = 3, NativeOffset = 5, NativeFrameBits = 12, BitsAllocated = 1 };
        await using var server = await WithAsync(MemoryInstance.Of(1, Bytes(0, 11), frames: index));
        using var response = await GetAsync(server, Instance + "/bulkdata/7FE00010", "application/octet-stream");
        Assert.Equal([5, 6, 7, 8, 9 & 0x0F], await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Other_bulk_values_are_found_by_their_name()
    {
        var value = RandomNumberGenerator.GetBytes(100_000);
        byte[] file = [.. EmptyDicom(), .. Element(0x0028, 0x2000, "OB", value)];
        await using var server = await WithAsync(MemoryInstance.Of(1, file));
        using var response = await GetAsync(server, Instance + "/bulkdata/00282000", "application/octet-stream");
        Assert.Equal(value, await response.Content.ReadAsByteArrayAsync());
        using var part = await GetAsync(server, Instance + "/bulkdata/00282000", "multipart/related; type=application/octet-stream");
        Assert.Equal(value, Assert.Single(await PartsAsync(part)).Data);
    }

    [Fact]
    public async Task What_is_held_of_an_instance_while_its_bulk_data_goes_out_has_to_find_room()
    {
        using var file = new MemoryStream();
        file.Write(EmptyDicom());
        for (var i = 0; i < 20 * 64; i++)
        {
            file.Write(Element(0x0009, (ushort)(0x1000 + i), "OB", new byte[16 * 1024]));
        }

        file.Write(Element(0x0028, 0x2000, "OB", new byte[24 << 20]));
        await using var server = await WithAsync(MemoryInstance.Of(1, file.ToArray()));
        var response = await BeginAsync(server, Instance + "/bulkdata/00282000", "application/octet-stream");
        var room = TakeRoomAsync(server, 230);
        Assert.True(room.IsCompleted);
        (await room).Dispose();
        var more = TakeRoomAsync(server, 240);
        Assert.False(more.IsCompleted);
        response.Dispose();
        (await more).Dispose();
    }

    /// <summary>Noise: neither can it be compressed, nor does the connection take it before it is read.</summary>
    [Fact]
    [Trait("Server", "yes")]
    public async Task Of_an_image_that_waits_for_its_reader_the_attributes_alone_take_room()
    {
        var pixels = RandomNumberGenerator.GetBytes(2 * 4096 * 4096);
        byte[] file =
        [
            .. EmptyDicom(), .. Short(0x0028, 0x0002, "US", [1, 0]), .. Short(0x0028, 0x0004, "CS", "MONOCHROME2 "u8),
            .. Short(0x0028, 0x0010, "US", [0, 16]), .. Short(0x0028, 0x0011, "US", [0, 16]), .. Short(0x0028, 0x0100, "US", [16, 0]),
            .. Element(0x7FE0, 0x0010, "OW", pixels),
        ];
        var index = new FrameIndex { Count = 1, NativeOffset = file.Length - pixels.Length, NativeFrameBits = 8L * pixels.Length, BitsAllocated = 16 };
        await using var server = await WithAsync(MemoryInstance.Of(1, file, frames: index));
        using var response = await BeginAsync(server, Instance + "/rendered", "image/png");
        var room = TakeRoomAsync(server, 250);
        Assert.True(room.IsCompleted);
        (await room).Dispose();
    }

    [Fact]
    public async Task Damage_before_the_first_byte_is_500()
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, new byte[1000]) with { BreaksAt = 0 });
        using var response = await GetAsync(server, Instance, "*/*");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("damaged", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(Study)]
    [InlineData(Instance)]
    public async Task Damage_after_the_first_byte_breaks_the_connection_off(string path)
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, new byte[5_000_000]) with { BreaksAt = 3_000_000 });
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await GetAsync(server, path, "*/*");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsByteArrayAsync();
        });
    }

    [Theory]
    [InlineData(typeof(StorageUnavailableException))]
    [InlineData(typeof(VaultException))]
    [InlineData(typeof(StudyClosedException))]
    public async Task Failures_before_the_first_byte_may_be_asked_again(Type kind)
    {
        Exception failure = kind == typeof(StudyClosedException) ? new StudyClosedException()
            : kind == typeof(VaultException) ? new VaultException("A key is away.")
            : new StorageUnavailableException("The disk is away.");
        await using var server = await WithAsync(MemoryInstance.Of(1, new byte[1000]) with { BreaksAt = 0, Failure = failure });
        using var response = await GetAsync(server, Instance, "*/*");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_study_closed_under_a_running_read_breaks_it_off()
    {
        await using var server = await WithAsync(
            MemoryInstance.Of(1, new byte[5_000_000]) with { BreaksAt = 3_000_000, Failure = new StudyClosedException() });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Client.GetByteArrayAsync(Study));
    }

    [Fact]
    public async Task A_reader_that_breaks_off_ends_its_session_and_the_server_goes_on()
    {
        await using var server = await WithAsync(MemoryInstance.Of(1, new byte[50_000_000]));
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Study} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\n\r\n"));
            await stream.ReadExactlyAsync(new byte[100]);
        }

        await server.Studies.Closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        server.Studies.Instances.Clear();
        using var response = await GetAsync(server, Study, "*/*");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task<DicomWebServer> WithAsync(MemoryInstance instance)
    {
        var server = await DicomWebServer.StartAsync();
        server.Studies.Instances.Add(instance);
        return server;
    }

    private static async Task<HttpResponseMessage> GetAsync(DicomWebServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Client.BaseAddress!, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await server.Client.SendAsync(request);
    }

    /// <summary>The response, of which nothing but the headers is read.</summary>
    private static async Task<HttpResponseMessage> BeginAsync(DicomWebServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Client.BaseAddress!, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    /// <summary>Takes so many MiB of the room for attributes, of which one reader has 256.</summary>
    private static Task<SharedBudget.Share> TakeRoomAsync(DicomWebServer server, int size) =>
        server.Codecs.TakeRoomAsync("reader", (long)size << 20, CancellationToken.None);

    private static async Task<List<(string? ContentType, byte[] Data)>> PartsAsync(HttpResponseMessage response)
    {
        Assert.True(MediaRange.TryParse(response.Content.Headers.ContentType!.ToString(), out var type));
        using var reader = new MultipartPartReader(await response.Content.ReadAsStreamAsync(), type.Boundary!);
        var parts = new List<(string?, byte[])>();
        while (await reader.NextPartAsync(default) is { } part)
        {
            using var data = new MemoryStream();
            await part.CopyToAsync(data);
            parts.Add((part.ContentType, data.ToArray()));
        }

        return parts;
    }

    private static byte[] Bytes(int first, int count) => [.. Enumerable.Range(first, count).Select(value => (byte)value)];

    /// <summary>A file that says nothing but its transfer syntax and modality.</summary>
    private static byte[] EmptyDicom() =>
    [
        .. new byte[128], .. "DICM"u8, .. Short(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1\0"u8), .. Short(0x0008, 0x0060, "CS", "CT"u8),
    ];

    private static byte[] Short(ushort group, ushort element, string vr, ReadOnlySpan<byte> value) =>
        [(byte)group, (byte)(group >> 8), (byte)element, (byte)(element >> 8), (byte)vr[0], (byte)vr[1], (byte)value.Length, 0, .. value];

    private static byte[] Element(ushort group, ushort element, string vr, byte[] value) =>
    [
        (byte)group, (byte)(group >> 8), (byte)element, (byte)(element >> 8), (byte)vr[0], (byte)vr[1], 0, 0,
        .. BitConverter.GetBytes(value.Length), .. value,
    ];
}
