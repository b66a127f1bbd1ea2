using System.Buffers;
using System.Text.Json;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Metadata of a study, a series, or an instance (PS3.18 10.4.1.1.2): the DICOM JSON that the store pass wrote, with the
/// instance's URL put in front of each relative BulkDataURI. Nothing is parsed.
/// </summary>
internal static class WadoMetadata
{
    private static readonly Representation[] Forms = [new(Representation.DicomJson), new(Representation.Json)];

    public static async Task RespondAsync(WadoRequest request)
    {
        if (request.Select(Forms) is not { } form)
        {
            await request.RefuseFormAsync();
            return;
        }

        var body = request.Body;
        var isEmpty = true;
        await foreach (var instance in request.InstancesAsync(request.Aborted))
        {
            request.Context.Response.ContentType ??= form.ContentType;
            body.Write(isEmpty ? "["u8 : ","u8);
            isEmpty = false;
            using var metadata = await request.Session.MetadataAsync(instance, request.Aborted);
            Write(body, metadata.Memory.Span[..(int)instance.Metadata.Length], instance.MetadataSplices, request.Url(instance));
            await body.FlushIfFullAsync(request.Aborted);
        }

        if (isEmpty)
        {
            await request.RefuseAbsentAsync();
            return;
        }

        body.Write("]"u8);
        await body.FlushAsync(request.Aborted);
    }

    private static void Write(ResponseBody body, ReadOnlySpan<byte> json, IReadOnlyList<int> splices, string url)
    {
        if (splices.Count == 0)
        {
            body.Write(json);
            return;
        }

        var prefix = JsonEncodedText.Encode(url + "/").EncodedUtf8Bytes;
        var written = 0;
        foreach (var splice in splices)
        {
            body.Write(json[written..splice]);
            body.Write(prefix);
            written = splice;
        }

        body.Write(json[written..]);
    }
}
