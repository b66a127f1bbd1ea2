using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Whole instances of a study, a series, or one (PS3.18 10.4.1.1): the stored files, byte for byte.</summary>
internal static class WadoInstances
{
    /// <summary>Stands for a transfer syntax that nobody asks for by name.</summary>
    private const string AnySyntax = "";

    public static async Task RespondAsync(WadoRequest request)
    {
        if (request.Instance is not null)
        {
            await RespondSingleAsync(request);
            return;
        }

        // A caller who takes any transfer syntax takes all instances; otherwise each is asked for before the first byte goes.
        if (request.Select([Part(AnySyntax)]) is null)
        {
            await foreach (var instance in request.InstancesAsync(request.Aborted))
            {
                if (request.Select([Part(instance.TransferSyntaxUid)]) is null)
                {
                    await request.RefuseFormAsync();
                    return;
                }
            }
        }

        await RespondPartsAsync(request);
    }

    private static Representation Part(string transferSyntax) => new(Representation.Dicom, transferSyntax, true);

    private static async Task RespondSingleAsync(WadoRequest request)
    {
        if (await request.InstanceAsync() is not { } instance)
        {
            await request.RefuseAbsentAsync();
            return;
        }

        var multipart = Part(instance.TransferSyntaxUid);
        var form = request.Select([multipart, multipart with { IsMultipart = false }]);
        if (form is null)
        {
            await request.RefuseFormAsync();
            return;
        }

        var response = request.Context.Response;
        var length = instance.Object.Length;
        if (form.IsMultipart)
        {
            var writer = new MultipartWriter();
            var location = request.Url(instance);
            response.ContentType = writer.ContentType(form.MediaType);
            response.ContentLength = writer.Overhead([(form.ContentType, location)]) + length;
            writer.Begin(request.Body, form.ContentType, location);
            await CopyAsync(request, instance);
            writer.End(request.Body);
        }
        else
        {
            response.ContentType = form.ContentType;
            response.ContentLength = length;
            await CopyAsync(request, instance);
        }

        await request.Body.FlushAsync(request.Aborted);
    }

    private static async Task RespondPartsAsync(WadoRequest request)
    {
        var writer = new MultipartWriter();
        var lost = request.Session.HasLost ? await CountLostAsync(request) : 0;
        if (lost > 0)
        {
            request.Context.Response.StatusCode = StatusCodes.Status206PartialContent;
            request.Context.Response.Headers.Warning = $"299 SecureStore \"{lost} instances are lost and left out\"";
        }

        await foreach (var instance in request.InstancesAsync(request.Aborted).Where(one => one.LostSince is null))
        {
            request.Context.Response.ContentType ??= writer.ContentType(Representation.Dicom);
            writer.Begin(request.Body, Part(instance.TransferSyntaxUid).ContentType, request.Url(instance));
            await CopyAsync(request, instance);
        }

        if (!writer.HasParts)
        {
            await (lost > 0 ? throw new InstanceLostException() : request.RefuseAbsentAsync());
            return;
        }

        writer.End(request.Body);
        await request.Body.FlushAsync(request.Aborted);
    }

    /// <summary>Nobody is to take a part for the whole: it is told before the first byte.</summary>
    private static async ValueTask<int> CountLostAsync(WadoRequest request) =>
        await request.InstancesAsync(request.Aborted).CountAsync(one => one.LostSince is not null, request.Aborted);

    private static async ValueTask CopyAsync(WadoRequest request, InstanceRecord instance)
    {
        await request.Session.CopyAsync(instance, 0, instance.Object.Length, request.Body, request.Body.FlushAsync, request.Aborted);
        await request.Body.FlushIfFullAsync(request.Aborted);
    }
}
