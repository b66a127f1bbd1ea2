using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Whole instances of a study, a series, or one (PS3.18 10.4.1.1): the stored files, byte for byte.</summary>
internal static class WadoInstances
{
    public static async Task RespondAsync(WadoRequest request)
    {
        var form = default(Representation);
        await foreach (var instance in request.InstancesAsync(request.Aborted))
        {
            form = request.Select(Offers(instance, request.Instance is not null));
            if (form is null)
            {
                await request.RefuseFormAsync();
                return;
            }

            if (!form.IsMultipart)
            {
                await RespondSingleAsync(request, instance, form);
                return;
            }
        }

        await (form is null ? request.RefuseAbsentAsync() : RespondPartsAsync(request));
    }

    private static Representation[] Offers(InstanceRecord instance, bool single)
    {
        var multipart = new Representation(Representation.Dicom, instance.TransferSyntaxUid, true);
        return single ? [multipart, multipart with { IsMultipart = false }] : [multipart];
    }

    private static async Task RespondSingleAsync(WadoRequest request, InstanceRecord instance, Representation form)
    {
        request.Context.Response.ContentType = form.ContentType;
        request.Context.Response.ContentLength = instance.Object.Length;
        await CopyAsync(request, instance);
        await request.Body.FlushAsync(request.Aborted);
    }

    private static async Task RespondPartsAsync(WadoRequest request)
    {
        var writer = new MultipartWriter();
        var response = request.Context.Response;
        response.ContentType = writer.ContentType(Representation.Dicom);
        await foreach (var instance in request.InstancesAsync(request.Aborted))
        {
            var type = new Representation(Representation.Dicom, instance.TransferSyntaxUid).ContentType;
            var location = request.Url(instance);
            if (request.Instance is not null)
            {
                response.ContentLength = writer.Overhead([(type, location)]) + instance.Object.Length;
            }

            writer.Begin(request.Body, type, location);
            await CopyAsync(request, instance);
        }

        writer.End(request.Body);
        await request.Body.FlushAsync(request.Aborted);
    }

    private static async ValueTask CopyAsync(WadoRequest request, InstanceRecord instance)
    {
        await request.Session.CopyAsync(instance, 0, instance.Object.Length, request.Body, request.Body.FlushAsync, request.Aborted);
        await request.Body.FlushIfFullAsync(request.Aborted);
    }
}
