using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using SecureStore.Client.Http;

namespace SecureStore.Client.Storing;

/// <summary>
/// The body of a STOW-RS request (PS3.18 10.5.1): one application/dicom part a file, streamed from the disk. It can be written
/// again when the request is sent again; the progress then takes back what it reported.
/// </summary>
sealed class StoreContent : HttpContent
{
    const int BufferSize = 128 * 1024;

    readonly IReadOnlyList<StoreFile> _files;
    readonly IProgress<long>? _progress;
    readonly string _boundary = "securestore-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    long _reported;

    public StoreContent(IReadOnlyList<StoreFile> files, IProgress<long>? progress)
    {
        _files = files;
        _progress = progress;
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={_boundary}");
    }

    /// <summary>Takes back what was reported, because it will be sent again.</summary>
    public void TakeBackProgress()
    {
        _progress?.Report(-_reported);
        _reported = 0;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        TakeBackProgress();
        var head = Encoding.ASCII.GetBytes($"--{_boundary}\r\nContent-Type: application/dicom\r\n\r\n");
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            foreach (var file in _files)
            {
                using var input = Open(file);
                await stream.WriteAsync(head, cancellationToken).ConfigureAwait(false);
                await CopyAsync(file, input, stream, buffer, cancellationToken).ConfigureAwait(false);
                await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"--{_boundary}--\r\n"), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Not known beforehand: a file may change while it is sent, and then the request must break off.</summary>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    async Task CopyAsync(StoreFile file, Stream input, Stream output, byte[] buffer, CancellationToken cancellation)
    {
        for (var left = file.Length; left > 0;)
        {
            var read = await ReadAsync(file, input, buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellation).ConfigureAwait(false);
            await output.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            left -= read;
            _reported += read;
            _progress?.Report(read);
        }
    }

    static Stream Open(StoreFile file)
    {
        try
        {
            return file.Open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(file.Path, "it cannot be read", e);
        }
    }

    static async ValueTask<int> ReadAsync(StoreFile file, Stream input, Memory<byte> buffer, CancellationToken cancellation)
    {
        int read;
        try
        {
            read = await input.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new UnreadableFileException(file.Path, "it cannot be read", e);
        }

        return read > 0 ? read : throw new UnreadableFileException(file.Path, "it became shorter while it was sent");
    }
}
