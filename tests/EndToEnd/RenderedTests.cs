using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>Rendered images and thumbnails, beside what pydicom and numpy make of the same files (tests/tools/pydicom_render.py).</summary>
public partial class RenderedTests(PydicomStores stores, RenderedTests.ImageStore images, Archives archives) : IClassFixture<PydicomStores>, IClassFixture<RenderedTests.ImageStore>
{
    private static readonly (double Center, double Width, string Function)?[] Windows =
        [null, (100, 300.5, "linear"), (-50.25, 1000, "linear-exact"), (40, 400, "sigmoid")];

    /// <summary>Images among pydicom's files that it reads, with square pixels.</summary>
    private const int LeastOfPydicom = 64;

    /// <summary>Of the files that are made, one sample of YBR_FULL lies so near to the middle of two values that numpy rounds it to the other: once with each window.</summary>
    private const int MostByOne = 4;

    private static string Script => Path.Combine(Repository.Root, "tests", "tools", "pydicom_render.py");

    [Fact]
    public async Task Each_way_of_describing_pixels_is_shown_as_pydicom_shows_it()
    {
        using var folder = new TemporaryFolder();
        var made = int.Parse((await RunAsync(["make", folder.Path], "")).Trim());
        var client = images.Client;
        var cases = new List<Case>();
        foreach (var path in Directory.GetFiles(folder.Path))
        {
            var address = await StoreAsync(client, path);
            foreach (var window in Windows)
            {
                cases.Add(await RenderAsync(client, address, path, 1, window));
            }
        }

        Assert.Equal(made * Windows.Length, cases.Count);
        await CompareAsync(cases, cases.Count - (2 * Windows.Length), MostByOne);
    }

    /// <summary>Compressed ones as the archive decompresses them: other tests hold the decoders to what others decode.</summary>
    [Fact]
    public async Task Files_of_pydicom_are_shown_as_pydicom_shows_them()
    {
        using var folder = new TemporaryFolder();
        var cases = new List<Case>();
        foreach (var file in (await stores.InAsync(Mode.Embedded)).Stored)
        {
            var (status, native) = await file.Client.GetAsync(file.Address!, "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
            var path = status == 200 ? folder[Path.GetFileName(file.Path)] : file.Path;
            if (status == 200)
            {
                await File.WriteAllBytesAsync(path, native);
            }

            cases.Add(await RenderAsync(file.Client, file.Address!, path, 1, null));
            if (file.Name.EndsWith("2frame.dcm", StringComparison.Ordinal))
            {
                cases.Add(await RenderAsync(file.Client, file.Address!, path, 2, null));
            }
        }

        Assert.All(cases, one => Assert.Contains(one.Status, (int[])[200, 404, 406]));
        await CompareAsync(cases, LeastOfPydicom, mostByOne: 0);
    }

    [Theory]
    [InlineData("rendered", "image/png", 16, 16)]
    [InlineData("rendered", "image/jpeg", 16, 16)]
    [InlineData("rendered", "*/*", 16, 16)]
    [InlineData("rendered?accept=image/png", "text/html", 16, 16)]
    [InlineData("rendered?viewport=40,20&quality=1", "image/jpeg", 20, 20)]
    [InlineData("rendered?viewport=10,1000,4,4,8,2&iccprofile=no", "image/png", 10, 2)]
    [InlineData("rendered?viewport=64,64,,,-8,-4&something=else", "image/png", 64, 32)]
    [InlineData("frames/2/rendered?viewport=5,5", "image/png", 5, 5)]
    [InlineData("frames/2/thumbnail", "image/png", 128, 128)]
    [InlineData("thumbnail", "image/jpeg", 128, 128)]
    [InlineData("thumbnail?viewport=7,9", "image/png", 7, 7)]
    [InlineData("../../thumbnail", "image/png", 128, 128)]
    [InlineData("../../../../thumbnail?viewport=300,300", "image/jpeg", 300, 300)]
    public async Task An_image_has_the_form_and_the_size_that_are_asked_for(string resource, string accept, int width, int height)
    {
        var (client, address) = (images.Client, images.Address);
        using var response = await SendAsync(client, $"{address}/{resource}", accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        var type = response.Content.Headers.ContentType!.ToString();
        Assert.Equal(accept.StartsWith("image/", StringComparison.Ordinal) ? accept : resource.Contains("png", StringComparison.Ordinal) ? "image/png" : "image/jpeg", type);
        var image = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(image.Length, response.Content.Headers.ContentLength);
        Assert.Equal((width, height), SizeOf(image));
    }

    [Fact]
    public async Task Several_frames_come_in_parts()
    {
        var (client, address) = (images.Client, images.Address);
        var (status, body) = await client.GetAsync($"{address}/frames/3,1/rendered", "multipart/related; type=\"image/png\"");
        Assert.Equal(200, status);
        var text = Encoding.Latin1.GetString(body);
        Assert.Equal(2, Regex.Count(text, "Content-Type: image/png\r\n"));
        Assert.True(text.IndexOf("/frames/3/rendered", StringComparison.Ordinal) < text.IndexOf("/frames/1/rendered", StringComparison.Ordinal));
        Assert.Equal(406, (await client.GetAsync($"{address}/frames/3,1/rendered", "image/png")).Status);
        var one = (await client.GetAsync($"{address}/frames/3/rendered", "image/png")).Body;
        Assert.True(body.AsSpan().IndexOf(one) > 0);
    }

    [Theory]
    [InlineData("rendered?window=1", 400)]
    [InlineData("rendered?window=1,0", 400)]
    [InlineData("rendered?window=1,-5,sigmoid", 400)]
    [InlineData("rendered?window=1,5,cubic", 400)]
    [InlineData("rendered?window=NaN,5,linear", 400)]
    [InlineData("rendered?window=1e999,5,linear", 400)]
    [InlineData("rendered?window=1,5&window=1,5", 400)]
    [InlineData("rendered?viewport=0,5", 400)]
    [InlineData("rendered?viewport=-1,5", 400)]
    [InlineData("rendered?viewport=5", 400)]
    [InlineData("rendered?viewport=99999999999,5", 400)]
    [InlineData("rendered?viewport=65535,65535", 400)]
    [InlineData("rendered?viewport=5,5,16,0", 400)]
    [InlineData("rendered?viewport=5,5,0,0,17,1", 400)]
    [InlineData("rendered?viewport=5,5,0,0,0,0", 400)]
    [InlineData("rendered?viewport=5,5,-1,0", 400)]
    [InlineData("rendered?viewport=5,5,0,0,-2147483648,1", 400)]
    [InlineData("thumbnail?viewport=5,5,1,1", 400)]
    [InlineData("rendered?quality=0", 400)]
    [InlineData("rendered?quality=101", 400)]
    [InlineData("rendered?annotation=patient", 400)]
    [InlineData("rendered?iccprofile=srgb", 400)]
    [InlineData("frames/0/rendered", 400)]
    [InlineData("frames/a/thumbnail", 400)]
    [InlineData("frames/4/rendered", 404)]
    [InlineData("rendered?accept=image/gif", 406)]
    [InlineData("rendered?accept=video/mp4", 406)]
    public async Task What_cannot_be_shown_is_refused(string resource, int status)
    {
        var (client, address) = (images.Client, images.Address);
        using var response = await SendAsync(client, $"{address}/{resource}", "*/*");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("", "image/jpeg", 16, 16)]
    [InlineData("&contentType=image/png&frameNumber=3", "image/png", 16, 16)]
    [InlineData("&contentType=image/png&rows=8", "image/png", 8, 8)]
    [InlineData("&contentType=image/png&columns=32&rows=100&region=0,0.5,1,1", "image/png", 32, 16)]
    [InlineData("&windowCenter=30000&windowWidth=100&imageQuality=10", "image/jpeg", 16, 16)]
    public async Task WADO_URI_renders(string parameters, string type, int width, int height)
    {
        var (client, address) = (images.Client, images.Address);
        using var response = await SendAsync(client, Uri(address) + parameters, "*/*");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((width, height), SizeOf(await response.Content.ReadAsByteArrayAsync()));
    }

    [Theory]
    [InlineData("&frameNumber=0", 400)]
    [InlineData("&frameNumber=4", 404)]
    [InlineData("&frameNumber=1&contentType=application/dicom", 400)]
    [InlineData("&rows=0", 400)]
    [InlineData("&rows=65535&columns=65535", 400)]
    [InlineData("&region=0,0,1", 400)]
    [InlineData("&region=0.5,0,0.5,1", 400)]
    [InlineData("&region=0,0,1,1.1", 400)]
    [InlineData("&windowCenter=1", 400)]
    [InlineData("&windowCenter=1&windowWidth=0", 400)]
    [InlineData("&imageQuality=0", 400)]
    public async Task WADO_URI_refuses_what_cannot_be_shown(string parameters, int status)
    {
        var (client, address) = (images.Client, images.Address);
        Assert.Equal(status, (await client.GetAsync(Uri(address) + parameters, "*/*")).Status);
    }

    [Fact]
    public async Task An_image_larger_than_is_rendered_is_refused_and_one_without_pixels_too()
    {
        await using var archive = await InProcessArchive.StartAsync(settings: "Rendering:MaxPixels=255");
        var client = await archive.Client.WithTokenAsync();
        var one = new TestInstance();
        Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
        Assert.Equal(413, (await client.GetAsync($"{AddressOf(one)}/rendered", "*/*")).Status);
        Assert.Equal(413, (await client.GetAsync($"{AddressOf(one)}/thumbnail?viewport=2,2", "*/*")).Status);

        var none = new TestInstance { Rows = 4, Columns = 4 };
        using var source = new MemoryStream(await none.FileAsync());
        var dataset = (await DicomFile.OpenAsync(source)).Dataset;
        dataset.Remove(DicomTag.PixelData);
        using var file = new MemoryStream();
        await new DicomFile(new DicomDataset(), dataset, DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
        Assert.Equal(200, (await client.StoreAsync(null, file.ToArray())).Status);
        Assert.Equal(404, (await client.GetAsync($"{AddressOf(none)}/rendered", "*/*")).Status);
        Assert.Equal(404, (await client.GetAsync($"/dicom-web/studies/{none.Study}/thumbnail", "*/*")).Status);
    }

    /// <summary>Attributes that fit nothing: a refusal, never a crash, and the next image is shown.</summary>
    [Fact]
    public async Task Attributes_that_make_no_sense_are_refused_and_the_archive_goes_on()
    {
        var (client, good) = (images.Client, images.Address);
        (DicomTag Tag, long Value)[] wrong =
        [
            (DicomTag.Rows, 0), (DicomTag.Rows, 65535), (DicomTag.Columns, 65535), (DicomTag.BitsAllocated, 12), (DicomTag.BitsAllocated, 64), (DicomTag.BitsStored, 0),
            (DicomTag.BitsStored, 17), (DicomTag.HighBit, 40), (DicomTag.HighBit, 3), (DicomTag.SamplesPerPixel, 3), (DicomTag.SamplesPerPixel, 0), (DicomTag.BitsAllocated, 32),
        ];
        foreach (var (tag, value) in wrong)
        {
            var one = new TestInstance();
            using var source = new MemoryStream(await one.FileAsync());
            var dataset = (await DicomFile.OpenAsync(source, DicomReadOptions.KeepAll)).Dataset.AddOrUpdate(tag, value);
            using var file = new MemoryStream();
            await new DicomFile(new DicomDataset(), dataset, DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
            Assert.Equal(200, (await client.StoreAsync(null, file.ToArray())).Status);
            Assert.Contains((await client.GetAsync($"{AddressOf(one)}/rendered", "*/*")).Status, (int[])[404, 406, 413]);
        }

        Assert.Equal(200, (await client.GetAsync($"{good}/rendered", "*/*")).Status);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Who_may_not_read_a_study_sees_no_image_of_it_and_who_may_is_recorded(Mode mode)
    {
        await using var archive = await archives.StartAsync(mode);
        var (client, address) = await WithImageAsync(archive.Client);
        string[] images = [$"{address}/rendered", $"{address}/frames/1/rendered", $"{address}/frames/1/thumbnail", $"{address}/thumbnail", $"{address}/../../thumbnail", $"{address}/../../../../thumbnail", Uri(address)];
        foreach (var (actions, location, status) in new[] { ("read", "patient::OTHER", 404), ("store,search,audit", "everything", 403) })
        {
            await client.WithTokenAsync(actions, location);
            foreach (var image in images)
            {
                Assert.Equal(status, (await client.GetAsync(image, "*/*")).Status);
            }
        }

        client.Use(null);
        foreach (var image in images)
        {
            Assert.Equal(401, (await client.GetAsync(image, "*/*")).Status);
        }

        await client.WithTokenAsync("read");
        foreach (var image in images)
        {
            var (status, body) = await client.GetAsync(image, "*/*");
            Assert.Equal(200, status);
            Assert.DoesNotContain("Test^Patient", Encoding.Latin1.GetString(body), StringComparison.Ordinal);
        }

        await client.WithTokenAsync("audit,destroy");
        var study = address.Split('/')[3];
        Assert.InRange(await OpeningsAsync(client, study), 1, mode == Mode.Embedded ? 1 : 3);
        using var reason = new StringContent("{\"reason\":\"a test\"}", Encoding.UTF8, "application/json");
        using var destroyed = await client.Http.PostAsync(new Uri($"/api/studies/{study}/destroy", UriKind.Relative), reason);
        await client.WithTokenAsync("read");
        foreach (var image in images)
        {
            Assert.Equal(404, (await client.GetAsync(image, "*/*")).Status);
        }
    }

    private static async Task<int> OpeningsAsync(ArchiveClient client, string study)
    {
        var (status, log) = await client.GetAsync("/api/audit/entries?limit=100000", "application/x-ndjson");
        Assert.Equal(200, status);
        return Encoding.UTF8.GetString(log).Split('\n').Count(line => line.Contains(study, StringComparison.Ordinal) && line.Contains("\"StudyOpened\"", StringComparison.Ordinal));
    }

    /// <summary>An instance of three frames of 16 by 16 pixels.</summary>
    private static async Task<(ArchiveClient Client, string Address)> WithImageAsync(ArchiveClient client)
    {
        await client.WithTokenAsync();
        var one = new TestInstance { Frames = 3 };
        Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
        return (client, AddressOf(one));
    }

    private static string AddressOf(TestInstance one) => $"/dicom-web/studies/{one.Study}/series/{one.Series}/instances/{one.Instance}";

    private static string Uri(string address) =>
        address.Split('/') is [_, _, _, var study, _, var series, _, var instance] ? $"/dicom-web?requestType=WADO&studyUID={study}&seriesUID={series}&objectUID={instance}" : "";

    private static async Task<string> StoreAsync(ArchiveClient client, string path)
    {
        var (status, response) = await client.StoreAsync(null, await File.ReadAllBytesAsync(path));
        Assert.Equal(200, status);
        return new Uri(response.GetProperty("00081199").GetProperty("Value")[0].GetProperty("00081190").GetProperty("Value")[0].GetString()!).AbsolutePath;
    }

    private static async Task<Case> RenderAsync(ArchiveClient client, string address, string path, int frame, (double Center, double Width, string Function)? window)
    {
        var query = window is var (center, width, function) ? FormattableString.Invariant($"?window={center},{width},{function}") : "";
        var (status, body) = await client.GetAsync(frame == 1 ? $"{address}/rendered{query}" : $"{address}/frames/{frame}/rendered{query}", "image/png");
        return new Case(path, status, Convert.ToBase64String(body), frame, window is var (c, w, f) ? [c, w, f] : null);
    }

    private static async Task CompareAsync(List<Case> cases, int least, int mostByOne)
    {
        var output = (await RunAsync(["compare"], JsonSerializer.Serialize(cases, JsonSerializerOptions.Web))).TrimEnd();
        var match = Summary().Match(output);
        Assert.True(match.Success, output);
        Assert.True(int.Parse(match.Groups[1].Value) >= least, output);
        Assert.True(int.Parse(match.Groups[2].Value) <= mostByOne, output);
    }

    private static async Task<HttpResponseMessage> SendAsync(ArchiveClient client, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await client.Http.SendAsync(request);
    }

    /// <summary>Width and height of a PNG file, or of a JPEG file by its first frame header.</summary>
    private static (int Width, int Height) SizeOf(ReadOnlySpan<byte> image)
    {
        if (image[0] == 0x89)
        {
            return (BinaryPrimitives.ReadInt32BigEndian(image[16..]), BinaryPrimitives.ReadInt32BigEndian(image[20..]));
        }

        Assert.Equal(0xFFD8, BinaryPrimitives.ReadUInt16BigEndian(image));
        var at = 2;
        while (image[at + 1] is not (0xC0 or 0xC1 or 0xC2))
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(image[(at + 2)..]);
        }

        return (BinaryPrimitives.ReadUInt16BigEndian(image[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(image[(at + 5)..]));
    }

    private static async Task<string> RunAsync(string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-B", Script, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return await output;
    }

    [GeneratedRegex(@"\A(\d+) images, (\d+) samples differ by 1\z")]
    private static partial Regex Summary();

    /// <summary>An archive that holds one image, and what tests store besides.</summary>
    public sealed class ImageStore : IAsyncLifetime
    {
        private InProcessArchive? archive;

        internal ArchiveClient Client => archive!.Client;

        internal string Address { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            archive = await InProcessArchive.StartAsync();
            (_, Address) = await WithImageAsync(archive.Client);
        }

        public ValueTask DisposeAsync() => archive?.DisposeAsync() ?? default;
    }

    /// <param name="Window">Center, width and function.</param>
    private sealed record Case(string Path, int Status, string Png, int Frame, object[]? Window);
}
