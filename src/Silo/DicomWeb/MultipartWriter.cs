using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Writes the frame of multipart/related (RFC 2387) round parts that are written by others.</summary>
internal sealed class MultipartWriter
{
    private readonly string _boundary = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly byte[] _end;

    public MultipartWriter() => _end = Encoding.ASCII.GetBytes($"\r\n--{_boundary}--\r\n");

    public bool HasParts { get; private set; }

    /// <summary>The response's Content-Type where the parts are of the given type.</summary>
    public string ContentType(string related) => $"multipart/related; type=\"{related}\"; boundary={_boundary}";

    /// <summary>Bytes around parts with these headers, the closing delimiter included.</summary>
    public long Overhead(IEnumerable<(string ContentType, string Location)> parts) =>
        parts.Sum(part => Header(part.ContentType, part.Location).Length + 2L) - 2 + _end.Length;

    /// <summary>Begins a part.</summary>
    public void Begin(IBufferWriter<byte> output, string contentType, string location)
    {
        if (HasParts)
        {
            output.Write("\r\n"u8);
        }

        HasParts = true;
        Encoding.ASCII.GetBytes(Header(contentType, location), output);
    }

    /// <summary>Closes the body.</summary>
    public void End(IBufferWriter<byte> output) => output.Write(_end);

    private string Header(string contentType, string location) =>
        $"--{_boundary}\r\nContent-Type: {contentType}\r\nContent-Location: {location}\r\n\r\n";
}
