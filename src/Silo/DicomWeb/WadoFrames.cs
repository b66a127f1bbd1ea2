using System.Globalization;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Frames of an instance (PS3.18 10.4.1.1.6), as stored; native ones in little endian.</summary>
internal static class WadoFrames
{
    private const string ExplicitBigEndian = "1.2.840.10008.1.2.2";

    public static async Task RespondAsync(WadoRequest request)
    {
        if (Parse(request.Route("frames")!) is not { } frames)
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, "Frames are a list of numbers from 1, separated by commas.");
        }
        else if (await request.InstanceAsync() is not { } instance)
        {
            await request.RefuseAbsentAsync();
        }
        else if (instance.Frames is not { } index || frames.Any(frame => frame > index.Count))
        {
            await request.RefuseAsync(StatusCodes.Status404NotFound, "The instance has no such frame.");
        }
        else
        {
            await RespondAsync(request, instance, frames);
        }
    }

    /// <summary>Answers with these frames, which are there.</summary>
    public static async Task RespondAsync(WadoRequest request, InstanceRecord instance, IReadOnlyList<int> frames)
    {
        var isNative = instance.Frames!.NativeFrameBits > 0;
        if (request.Select(FrameMediaTypes.Offers(instance.TransferSyntaxUid, isNative, frames.Count == 1)) is not { } form)
        {
            await request.RefuseFormAsync();
            return;
        }

        var wordSize = await WordSizeAsync(request, instance);
        var data = new List<FrameData>(frames.Count);
        foreach (var frame in frames)
        {
            data.Add(await FrameData.FindAsync(request.Session, instance, frame, wordSize, request.Aborted));
        }

        var response = request.Context.Response;
        if (!form.IsMultipart)
        {
            response.ContentType = form.ContentType;
            response.ContentLength = data[0].Length;
            await data[0].WriteAsync(request, instance);
        }
        else
        {
            var writer = new MultipartWriter();
            var url = request.Url(instance);
            var parts = frames.Select(frame => (form.ContentType, Location: $"{url}/frames/{frame}")).ToList();
            response.ContentType = writer.ContentType(form.MediaType);
            response.ContentLength = writer.Overhead(parts) + data.Sum(frame => frame.Length);
            for (var i = 0; i < parts.Count; i++)
            {
                writer.Begin(request.Body, parts[i].ContentType, parts[i].Location);
                await data[i].WriteAsync(request, instance);
            }

            writer.End(request.Body);
        }

        await request.Body.FlushAsync(request.Aborted);
    }

    /// <summary>
    /// Bytes in a word that has to be turned round: those of a pixel cell, and at least two where the VR of big-endian pixel
    /// data is OW (PS3.5 8.1.1). The VR stands eight bytes before the value.
    /// </summary>
    public static async ValueTask<int> WordSizeAsync(WadoRequest request, InstanceRecord instance)
    {
        var index = instance.Frames!;
        if (instance.TransferSyntaxUid != ExplicitBigEndian || index.NativeFrameBits == 0)
        {
            return 1;
        }

        if (index.BitsAllocated > 8)
        {
            return index.BitsAllocated / 8;
        }

        var vr = new System.Buffers.ArrayBufferWriter<byte>(2);
        await request.Session.CopyAsync(instance, index.NativeOffset - 8, 2, vr, static _ => ValueTask.CompletedTask, request.Aborted);
        return vr.WrittenSpan.SequenceEqual("OW"u8) ? 2 : 1;
    }

    /// <summary>The frame numbers, or null where the text is no list of such.</summary>
    public static IReadOnlyList<int>? Parse(string list)
    {
        var frames = new List<int>();
        foreach (var range in list.AsSpan().Split(','))
        {
            if (!int.TryParse(list.AsSpan(range).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var frame) || frame < 1)
            {
                return null;
            }

            frames.Add(frame);
        }

        return frames;
    }
}
