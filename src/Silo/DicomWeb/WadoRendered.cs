using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Rendered instances and frames, and thumbnails (PS3.18 10.4.1.1.3, 10.4.1.1.4), in JPEG or PNG. The pixels are opened as those of
/// frames are; a codec worker makes the image.
/// </summary>
internal static class WadoRendered
{
    public const string Jpeg = "image/jpeg";
    public const string Png = "image/png";

    /// <summary>A thumbnail's viewport where none is named.</summary>
    private const ushort ThumbnailSize = 128;

    private static readonly Representation[] Alone = [new(Jpeg), new(Png)];
    private static readonly Representation[] Parts = [.. Alone.Select(form => form with { IsMultipart = true })];

    /// <summary>Images that go out by themselves, best first.</summary>
    public static IReadOnlyList<Representation> Forms => Alone;

    /// <summary>An instance, or the frames that the URL names.</summary>
    public static Task RespondAsync(WadoRequest request) => RespondAsync(request, default);

    /// <summary>The same, small; of a study or series, its first instance that is an image.</summary>
    public static Task RespondThumbnailAsync(WadoRequest request) => RespondAsync(request, (ThumbnailSize, ThumbnailSize));

    /// <summary>Answers with these frames of this instance; null stands for the one that represents it.</summary>
    public static async Task RespondAsync(WadoRequest request, InstanceRecord instance, IReadOnlyList<int>? frames, RenderQuery query, Representation? form = null)
    {
        var offers = frames is { Count: > 1 } ? Parts : [.. Alone, .. Parts];
        if ((form ?? request.Select(offers)) is not { } chosen)
        {
            await request.RefuseAsync(StatusCodes.Status406NotAcceptable, $"Rendered images come as {Jpeg} and {Png}.");
            return;
        }

        if (instance.Frames is not { } index || frames is not null && frames.Any(frame => frame > index.Count))
        {
            await request.RefuseAsync(StatusCodes.Status404NotFound, "The instance has no such frame.");
            return;
        }

        query = query.In(chosen.MediaType == Png ? ImageFormat.Png : ImageFormat.Jpeg);
        using var room = await request.Codecs.TakeRoomAsync(request.Session.Reader, NativeInstance.MostAttributes(instance), request.Aborted);
        var dataset = await ReadAsync(request, instance, room);
        frames ??= [dataset is not null && dataset.TryGetInt32(DicomTag.RepresentativeFrameNumber, out var named) && named >= 1 && named <= index.Count ? named : 1];
        if (dataset is null || !await CanRenderAsync(request.Codecs, instance, request.Aborted))
        {
            await request.RefuseAsync(StatusCodes.Status406NotAcceptable, "The instance is no image that can be rendered here.");
            return;
        }

        var attributes = ImageAttributesReader.Read(dataset, frames[0]);
        if (query.For(attributes.Frame) is not { } options)
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, "The region is not within the image.");
        }
        else if ((long)attributes.Frame.Rows * attributes.Frame.Columns > options.MaxPixels)
        {
            await request.RefuseAsync(StatusCodes.Status413PayloadTooLarge, "The image is larger than what is rendered here.");
        }
        else
        {
            await WriteAsync(request, instance, frames, frame => RenderAsync(
                request, instance, frame, frame == frames[0] ? attributes : ImageAttributesReader.Read(dataset, frame), options), chosen);
        }
    }

    private static async Task RespondAsync(WadoRequest request, (ushort, ushort) thumbnail)
    {
        var settings = request.Context.RequestServices.GetRequiredService<RenderSettings>();
        var frames = request.Route("frames") is { } list ? WadoFrames.Parse(list) : [];
        if (frames is null)
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, "Frames are a list of different numbers from 1, separated by commas.");
        }
        else if (RenderQuery.Read(request.Context.Request.Query, thumbnail, settings.MaxPixels, out var query) is { } refusal)
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, refusal);
        }
        else if (await FindAsync(request) is not { } instance)
        {
            await request.RefuseAbsentAsync();
        }
        else
        {
            await RespondAsync(request, instance, frames.Count > 0 ? frames : null, query);
        }
    }

    private static async ValueTask<InstanceRecord?> FindAsync(WadoRequest request) => request.Instance is not null
        ? await request.InstanceAsync()
        : await request.InstancesAsync(request.Aborted).FirstOrDefaultAsync(one => one is { Frames: not null, LostSince: null }, request.Aborted);

    private static async ValueTask<bool> CanRenderAsync(CodecPool pool, InstanceRecord instance, CancellationToken cancellation) =>
        pool.HasWorkers && (IsNative(instance) || await pool.CanDecodeAsync(instance.TransferSyntaxUid, cancellation));

    private static bool IsNative(InstanceRecord instance) =>
        instance.Frames!.NativeFrameBits > 0 || instance.TransferSyntaxUid == DicomTransferSyntax.EncapsulatedUncompressedExplicitVRLittleEndian.UID;

    /// <summary>What stands before the pixels; null where they are no integers, or it is more than is read.</summary>
    private static async Task<DicomDataset?> ReadAsync(WadoRequest request, InstanceRecord instance, SharedBudget.Share room)
    {
        await using var file = new InstanceStream(request.Session, instance, 0);
        await using var reader = new DicomStreamReader(file, ImageAttributesReader.ReadOptions);
        try
        {
            await reader.OpenAsync(request.Aborted);
            await reader.ReadUntilAsync(DicomTag.PixelData, request.Aborted);
        }
        catch (DicomDataException)
        {
            return null;
        }

        room.Keep(reader.KeptBytes);
        var dataset = reader.Dataset;
        return dataset.Contains(DicomTag.FloatPixelData) || dataset.Contains(DicomTag.DoubleFloatPixelData) ? null : dataset;
    }

    private static async Task<CodecAnswer> RenderAsync(
        WadoRequest request, InstanceRecord instance, int frame, ImageAttributes attributes, RenderOptions options)
    {
        var wordSize = await WadoFrames.WordSizeAsync(request, instance);
        var data = await FrameData.FindAsync(request.Session, instance, frame, wordSize, request.Aborted);
        return await request.Codecs.RenderAsync(
            CodecCaller.Of(request.Session), new RenderHeader(IsNative(instance) ? "" : instance.TransferSyntaxUid, attributes, options), data.Length,
            (output, flush, cancellation) => data.CopyAsync(request.Session, instance, output, flush, cancellation), request.Aborted);
    }

    private static async Task WriteAsync(
        WadoRequest request, InstanceRecord instance, IReadOnlyList<int> frames, Func<int, Task<CodecAnswer>> render, Representation form)
    {
        var response = request.Context.Response;
        if (!form.IsMultipart)
        {
            using var image = await render(frames[0]);
            response.ContentType = form.ContentType;
            response.ContentLength = image.Body.Length;
            await DecodedPixels.WriteAsync(image.Body, request.Body, request.Body.FlushAsync, request.Aborted);
        }
        else
        {
            var writer = new MultipartWriter();
            foreach (var frame in frames)
            {
                using var image = await render(frame);
                response.ContentType ??= writer.ContentType(form.MediaType);
                writer.Begin(request.Body, form.ContentType, $"{request.Url(instance)}/frames/{frame}/rendered");
                await DecodedPixels.WriteAsync(image.Body, request.Body, request.Body.FlushIfFullAsync, request.Aborted);
            }

            writer.End(request.Body);
        }

        await request.Body.FlushAsync(request.Aborted);
    }
}
