using System.Buffers;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Bulk data (PS3.18 10.4.1.1.5) under the names that the metadata gives it.</summary>
internal static class WadoBulkData
{
    private static readonly DicomTag PixelData = DicomTag.FromValue(0x7FE00010);

    public static async Task RespondAsync(WadoRequest request)
    {
        if (!BulkPath.TryParse(request.Route("path") ?? "", out var path))
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, "Bulk data is named by tags and item numbers.");
        }
        else if (await request.InstanceAsync() is not { } instance)
        {
            await request.RefuseAbsentAsync();
        }
        else if (path is { Items.Count: 0 } && path.Tag == PixelData && instance.Frames is { } frames)
        {
            await RespondPixelsAsync(request, instance, frames);
        }
        else
        {
            await RespondFoundAsync(request, instance, path);
        }
    }

    /// <summary>Encapsulated pixel data goes out frame by frame, native as the one value that it is.</summary>
    private static async Task RespondPixelsAsync(WadoRequest request, InstanceRecord instance, FrameIndex frames)
    {
        if (frames.NativeFrameBits == 0)
        {
            await WadoFrames.RespondAsync(request, instance, [.. Enumerable.Range(1, frames.Count)]);
            return;
        }

        var pixels = FrameData.AllNative(frames, await WadoFrames.WordSizeAsync(request, instance));
        await RespondDataAsync(request, instance, new BulkPath([], PixelData), isEncapsulated: false, pixels);
    }

    /// <summary>The record does not say where other values are: the file's own structure does.</summary>
    private static async Task RespondFoundAsync(WadoRequest request, InstanceRecord instance, BulkPath path)
    {
        using var room = await request.Codecs.TakeRoomAsync(request.Session.Reader, NativeInstance.MostAttributes(instance), request.Aborted);
        await using var file = new InstanceStream(request.Session, instance, 0);
        await using var reader = new DicomStreamReader(file);
        await reader.OpenAsync(request.Aborted);
        await reader.ReadUntilAsync(DicomTag.FromValue(Math.Min(path.Root.Value, uint.MaxValue - 1) + 1), request.Aborted);
        room.Keep(reader.KeptBytes);
        switch (path.Find(reader.Dataset))
        {
            case DicomBulkItem bulk:
                var wordSize = reader.Syntax is { IsBigEndian: true } ? bulk.VR.UnitSize : 1;
                await RespondDataAsync(request, instance, path, false, FrameData.Of([(bulk.Offset, bulk.Length)], wordSize));
                break;
            case DicomFragmentItem item:
                await RespondDataAsync(
                    request, instance, path, true, FrameData.Of([.. item.Fragments.Select(fragment => (fragment.Offset, fragment.Length))], 1));
                break;
            case DicomElement { Value: var bytes }:
                await RespondValueAsync(
                    request, instance, path, false, bytes.Length, (start, length) => WriteAsync(request, bytes.Slice((int)start, (int)length)));
                break;
            default:
                await request.RefuseAsync(StatusCodes.Status404NotFound, "The instance has no such bulk data.");
                break;
        }
    }

    private static Task RespondDataAsync(WadoRequest request, InstanceRecord instance, BulkPath path, bool isEncapsulated, FrameData data) =>
        RespondValueAsync(
            request, instance, path, isEncapsulated, data.Length,
            (start, length) => (length == data.Length ? data : data.Slice(start, length)).WriteAsync(request, instance));

    /// <param name="write">Writes so many bytes of the value, from the one at the given place.</param>
    private static async Task RespondValueAsync(
        WadoRequest request, InstanceRecord instance, BulkPath path, bool isEncapsulated, long length, Func<long, long, ValueTask> write)
    {
        var offers = FrameMediaTypes.Offers(instance.TransferSyntaxUid, !isEncapsulated, single: true);
        var alone = ByteRange.IsAsked(request.Context.Request) ? request.Select(offers.Where(offer => !offer.IsMultipart)) : null;
        if ((alone ?? request.Select(offers)) is not { } form)
        {
            await request.RefuseFormAsync();
            return;
        }

        var response = request.Context.Response;
        if (form.IsMultipart)
        {
            var writer = new MultipartWriter();
            var location = $"{request.Url(instance)}/bulkdata/{path}";
            response.ContentType = writer.ContentType(form.MediaType);
            response.ContentLength = writer.Overhead([(form.ContentType, location)]) + length;
            writer.Begin(request.Body, form.ContentType, location);
            await write(0, length);
            writer.End(request.Body);
        }
        else if (Announce(request.Context, instance, length) is { } range)
        {
            response.ContentType = form.ContentType;
            response.ContentLength = range.Length;
            await write(range.Start, range.Length);
        }
        else
        {
            await request.RefuseAsync(StatusCodes.Status416RangeNotSatisfiable, "The value ends before the range that is asked for.");
            return;
        }

        await request.Body.FlushAsync(request.Aborted);
    }

    /// <summary>Sets the status and the headers of a range, or of the whole; null where there is no such range.</summary>
    private static ByteRange? Announce(HttpContext context, InstanceRecord instance, long length)
    {
        var response = context.Response;
        var tag = ByteRange.Tag(instance);
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ETag = tag.ToString();
        var range = ByteRange.Of(context.Request, tag, length);
        if (range is null)
        {
            response.Headers.ContentRange = $"bytes */{length}";
        }
        else if (range is { IsPart: true } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {part.Start}-{part.Start + part.Length - 1}/{length}";
        }

        return range;
    }

    private static ValueTask WriteAsync(WadoRequest request, ReadOnlyMemory<byte> bytes)
    {
        request.Body.Write(bytes.Span);
        return ValueTask.CompletedTask;
    }
}
