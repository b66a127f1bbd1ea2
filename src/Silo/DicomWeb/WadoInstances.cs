using SecureStore.Codecs;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Whole instances of a study, a series, or one (PS3.18 10.4.1.1): the stored files, byte for byte, or in Explicit VR Little Endian where that is
/// what the caller takes.
/// </summary>
internal static class WadoInstances
{
    /// <summary>Stands for a transfer syntax that nobody asks for by name.</summary>
    private const string AnySyntax = "";

    /// <summary>Where fewer instances than this are asked for, their records are read before the first byte goes, and the length is told.</summary>
    internal const int MostAnnounced = 2048;

    public static async Task RespondAsync(WadoRequest request)
    {
        if (request.Instance is not null)
        {
            await RespondSingleAsync(request);
            return;
        }

        // A caller who takes any transfer syntax takes all instances; otherwise each is asked for before the first byte goes.
        var asStored = true;
        if (request.Select([Part(AnySyntax)]) is null)
        {
            await foreach (var instance in request.InstancesAsync(request.Aborted))
            {
                if (await FormAsync(request, instance, Part(instance.TransferSyntaxUid)) is not { } form)
                {
                    await request.RefuseFormAsync();
                    return;
                }

                asStored &= form.TransferSyntax == instance.TransferSyntaxUid;
            }
        }

        await RespondPartsAsync(request, asStored);
    }

    private static Representation Part(string transferSyntax) => new(Representation.Dicom, transferSyntax, true);

    /// <summary>The form that the caller likes best: one of those that are stored, or Explicit VR Little Endian where the instance can be had so.</summary>
    public static async ValueTask<Representation?> FormAsync(WadoRequest request, InstanceRecord instance, params Representation[] stored)
    {
        var form = request.Select([.. stored, .. stored.Select(one => one with { TransferSyntax = DicomTransferSyntax.ExplicitVRLittleEndian.UID })]);
        return form is null || form.TransferSyntax == instance.TransferSyntaxUid || await NativeInstance.IsPossibleAsync(request.Codecs, instance, request.Aborted)
            ? form
            : request.Select(stored);
    }

    private static async Task RespondSingleAsync(WadoRequest request)
    {
        if (await request.InstanceAsync() is not { } instance)
        {
            await request.RefuseAbsentAsync();
            return;
        }

        var multipart = Part(instance.TransferSyntaxUid);
        if (await FormAsync(request, instance, multipart, multipart with { IsMultipart = false }) is not { } form)
        {
            await request.RefuseFormAsync();
            return;
        }

        await RespondAsync(request, instance, form);
    }

    /// <summary>Answers with this instance in this form.</summary>
    public static async Task RespondAsync(WadoRequest request, InstanceRecord instance, Representation form)
    {
        var response = request.Context.Response;
        using var native = await NativeAsync(request, instance, form);
        var length = native?.FileLength ?? instance.Object.Length;
        if (form.IsMultipart)
        {
            var writer = new MultipartWriter();
            var location = request.Url(instance);
            response.ContentType = writer.ContentType(form.MediaType);
            response.ContentLength = writer.Overhead([(form.ContentType, location)]) + length;
            writer.Begin(request.Body, form.ContentType, location);
            await CopyAsync(request, instance, native);
            writer.End(request.Body);
        }
        else
        {
            response.ContentType = form.ContentType;
            response.ContentLength = length;
            await CopyAsync(request, instance, native);
        }

        await request.Body.FlushAsync(request.Aborted);
    }

    private static async Task RespondPartsAsync(WadoRequest request, bool asStored)
    {
        await using var instances = request.InstancesAsync(request.Aborted).GetAsyncEnumerator();
        var first = new List<InstanceRecord>();
        while (first.Count < MostAnnounced && await instances.MoveNextAsync())
        {
            first.Add(instances.Current);
        }

        var isWhole = first.Count < MostAnnounced;
        var lost = !request.Session.HasLost ? 0 : isWhole ? first.Count(one => one.LostSince is not null) : await CountLostAsync(request);
        if (lost > 0)
        {
            request.Context.Response.StatusCode = StatusCodes.Status206PartialContent;
            request.Context.Response.Headers.Warning = $"299 SecureStore \"{lost} instances are lost and left out\"";
        }

        var writer = new MultipartWriter();
        if (isWhole && asStored)
        {
            Announce(request, writer, first.Where(one => one.LostSince is null));
        }

        foreach (var instance in first)
        {
            await WritePartAsync(request, writer, instance, asStored);
        }

        while (!isWhole && await instances.MoveNextAsync())
        {
            await WritePartAsync(request, writer, instances.Current, asStored);
        }

        if (!writer.HasParts)
        {
            await (lost > 0 ? throw new InstanceLostException() : request.RefuseAbsentAsync());
            return;
        }

        writer.End(request.Body);
        await request.Body.FlushAsync(request.Aborted);
    }

    /// <summary>A body of known length shows the caller how far it is, and goes out in larger pieces than a chunked one.</summary>
    private static void Announce(WadoRequest request, MultipartWriter writer, IEnumerable<InstanceRecord> parts)
    {
        var length = 0L;
        var overhead = writer.Overhead(parts.Select(one =>
        {
            length += one.Object.Length;
            return (Part(one.TransferSyntaxUid).ContentType, request.Url(one));
        }));
        request.Context.Response.ContentLength = length == 0 ? null : overhead + length;
    }

    private static async ValueTask WritePartAsync(WadoRequest request, MultipartWriter writer, InstanceRecord instance, bool asStored)
    {
        if (instance.LostSince is not null)
        {
            return;
        }

        var stored = Part(instance.TransferSyntaxUid);
        var form = asStored ? stored : await FormAsync(request, instance, stored) ?? throw new CodecException("A codec is not there any more.");
        using var native = await NativeAsync(request, instance, form);
        request.Context.Response.ContentType ??= writer.ContentType(Representation.Dicom);
        writer.Begin(request.Body, form.ContentType, request.Url(instance));
        await CopyAsync(request, instance, native);
    }

    /// <summary>Nobody is to take a part for the whole: it is told before the first byte.</summary>
    private static async ValueTask<int> CountLostAsync(WadoRequest request) =>
        await request.InstancesAsync(request.Aborted).CountAsync(one => one.LostSince is not null, request.Aborted);

    /// <summary>The instance in the chosen form; null where that is the stored one.</summary>
    private static async ValueTask<NativeInstance?> NativeAsync(WadoRequest request, InstanceRecord instance, Representation form) =>
        form.TransferSyntax == instance.TransferSyntaxUid ? null
        : await NativeInstance.OpenAsync(request.Codecs, request.Session, instance, DicomTransferSyntax.ExplicitVRLittleEndian, request.Aborted);

    private static async ValueTask CopyAsync(WadoRequest request, InstanceRecord instance, NativeInstance? native)
    {
        await (native is null
            ? request.Session.CopyAsync(instance, 0, instance.Object.Length, request.Body, request.Body.FlushAsync, request.Aborted)
            : native.WriteFileAsync(request.Body, request.Body.FlushAsync, request.Aborted));
        await request.Body.FlushIfFullAsync(request.Aborted);
    }
}
