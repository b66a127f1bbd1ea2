using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace SecureStore.EndToEnd;

/// <summary>A multi-frame instance that is made while it is sent, and hashed while it comes back.</summary>
internal static class LargeInstance
{
    public static async Task<(long Length, string Hash)> StoreAsync(ArchiveClient client, TestInstance one, int frames)
    {
        // A file of one frame, its length and frame count made large.
        var header = await HeaderAsync(one, frames);
        var frame = new byte[one.Rows * one.Columns * 2];
        new Random(3).NextBytes(frame);
        using var content = new MultipartContent("related", "part-of-a-large-request");
        content.Headers.ContentType!.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var part = new Generated(header, frame, frames, hash);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        content.Add(part);
        using var response = await client.Http.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (header.Length + (long)frame.Length * frames, Convert.ToHexString(hash.GetHashAndReset()));
    }

    public static async Task<(long Length, string Hash)> HashAsync(ArchiveClient client, TestInstance one)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"/dicom-web/studies/{one.Study}/series/{one.Series}/instances/{one.Instance}", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");
        using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var body = await response.Content.ReadAsStreamAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        var length = 0L;
        for (int read; (read = await body.ReadAsync(buffer)) > 0; length += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        return (length, Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>The file of such an instance up to its first frame.</summary>
    public static async Task<byte[]> HeaderAsync(TestInstance one, int frames)
    {
        // Number of Frames is of even length whatever it is: the header's length does not change.
        var file = await (one with { Frames = 1, FramesText = frames.ToString("D8") }).FileAsync();
        var pixels = one.Rows * one.Columns * 2;
        var header = file[..^pixels];
        BitConverter.TryWriteBytes(header.AsSpan(header.Length - 4), checked((uint)((long)pixels * frames)));
        return header;
    }

    private sealed class Generated(byte[] header, byte[] frame, int frames, IncrementalHash hash) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(header);
            hash.AppendData(header);
            for (var i = 0; i < frames; i++)
            {
                await stream.WriteAsync(frame);
                hash.AppendData(frame);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = header.Length + (long)frame.Length * frames;
            return true;
        }
    }
}
