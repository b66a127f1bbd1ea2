using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace SecureStore.Bench;

/// <summary>A STOW-RS body that is sent from memory: each instance is its header and then its frames, which may be one buffer many times.</summary>
internal sealed class MultipartInstances : HttpContent
{
    private const string Boundary = "part-of-a-measured-request";

    private static readonly byte[] Head = Encoding.ASCII.GetBytes($"\r\n--{Boundary}\r\nContent-Type: application/dicom\r\n\r\n");
    private static readonly byte[] Tail = Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");

    private readonly IReadOnlyList<CtInstance> instances;

    public MultipartInstances(IReadOnlyList<CtInstance> instances)
    {
        this.instances = instances;
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={Boundary}");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var instance in instances)
        {
            await stream.WriteAsync(Head);
            await stream.WriteAsync(instance.Header);
            for (var frame = 0; frame < instance.Frames; frame++)
            {
                await stream.WriteAsync(instance.Frame);
            }
        }

        await stream.WriteAsync(Tail);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = instances.Sum(instance => Head.Length + instance.Length) + Tail.Length;
        return true;
    }
}
