using System.Globalization;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Frames of an instance (PS3.18 10.4.1.1.6), as stored or decompressed; native ones in little endian.</summary>
internal static class WadoFrames
{
    /// <summary>Bits of the largest pixel cell (double float): what says that it has more is damaged, and a word is kept in memory until it is whole.</summary>
    public const int MaxWordBits = 64;

    private const string ExplicitBigEndian = "1.2.840.10008.1.2.2";

    public static async Task RespondAsync(WadoRequest request)
    {
        if (Parse(request.Route("frames")!) is not { } frames)
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, "Frames are a list of different numbers from 1, separated by commas.");
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
        var stored = FrameMediaTypes.Offers(instance.TransferSyntaxUid, isNative, frames.Count == 1);
        var decompressed = isNative ? [] : FrameMediaTypes.DecompressedOffers(instance.TransferSyntaxUid, frames.Count == 1);
        var form = request.Select([.. stored, .. decompressed]);
        if (form is not null && decompressed.Contains(form) && !await request.Codecs.CanDecodeAsync(instance.TransferSyntaxUid, request.Aborted))
        {
            form = request.Select(stored);
        }

        if (form is null)
        {
            await request.RefuseFormAsync();
        }
        else if (decompressed.Contains(form))
        {
            var pixels = await CompressedFrames.OpenAsync(request.Codecs, request.Session, instance, request.Aborted);
            await RespondAsync(request, instance, frames, form, [.. frames.Select(_ => pixels.Description.NativeLength)], i => WriteAsync(request, pixels, frames[i]));
        }
        else
        {
            var wordSize = await WordSizeAsync(request, instance);
            var data = new List<FrameData>(frames.Count);
            foreach (var frame in frames)
            {
                data.Add(await FrameData.FindAsync(request.Session, instance, frame, wordSize, request.Aborted));
            }

            await RespondAsync(request, instance, frames, form, [.. data.Select(frame => frame.Length)], i => data[i].WriteAsync(request, instance));
        }
    }

    private static async Task RespondAsync(
        WadoRequest request, InstanceRecord instance, IReadOnlyList<int> frames, Representation form, IReadOnlyList<long> lengths, Func<int, ValueTask> write)
    {
        var response = request.Context.Response;
        if (!form.IsMultipart)
        {
            response.ContentType = form.ContentType;
            response.ContentLength = lengths[0];
            await write(0);
        }
        else
        {
            var writer = new MultipartWriter();
            var url = request.Url(instance);
            var parts = frames.Select(frame => (form.ContentType, Location: $"{url}/frames/{frame}")).ToList();
            response.ContentType = writer.ContentType(form.MediaType);
            response.ContentLength = writer.Overhead(parts) + lengths.Sum();
            for (var i = 0; i < parts.Count; i++)
            {
                writer.Begin(request.Body, parts[i].ContentType, parts[i].Location);
                await write(i);
            }

            writer.End(request.Body);
        }

        await request.Body.FlushAsync(request.Aborted);
    }

    private static async ValueTask WriteAsync(WadoRequest request, CompressedFrames pixels, int number)
    {
        using var frame = await pixels.DecodeAsync(number, request.Aborted);
        await DecodedPixels.WriteAsync(frame.Pixels, request.Body, request.Body.FlushAsync, request.Aborted);
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

        if (index.BitsAllocated is > 8 and <= MaxWordBits)
        {
            return index.BitsAllocated / 8;
        }

        var vr = new System.Buffers.ArrayBufferWriter<byte>(2);
        await request.Session.CopyAsync(instance, index.NativeOffset - 8, 2, vr, static _ => ValueTask.CompletedTask, request.Aborted);
        return vr.WrittenSpan.SequenceEqual("OW"u8) ? 2 : 1;
    }

    /// <summary>The frame numbers, or null where the text is no list of such, or names a frame twice.</summary>
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

        return frames.Distinct().Count() == frames.Count ? frames : null;
    }
}
