using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// WADO-URI (PS3.18 chapter 9): one instance, named by query parameters. They are read once, before the study is opened; a
/// parameter that is not known is passed over (PS3.18 8.3.2).
/// </summary>
internal sealed record WadoUri
{
    /// <summary>Media types in one contentType parameter.</summary>
    private const int MostMediaTypes = 32;

    private static readonly string[] Once =
    [
        "requestType", "studyUID", "seriesUID", "objectUID", "contentType", "transferSyntax", .. RenderQuery.UriParameters.Select(one => one.Name),
    ];

    /// <summary>What is asked for and would make another image than the one that is served: each is refused.</summary>
    private static readonly (string Name, string Refusal)[] NotServed =
    [
        ("anonymize", "Images are not made anonymous here: anonymize is not served."),
        ("annotation", "Nothing is written into images: annotation is not served."),
        ("presentationUID", "Presentation states are not applied: presentationUID is not served."),
        ("presentationSeriesUID", "Presentation states are not applied: presentationSeriesUID is not served."),
    ];

    /// <summary>Those that are served, as the capabilities name them.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Parameters { get; } =
    [
        ("requestType", "WADO"), ("studyUID", null), ("seriesUID", null), ("objectUID", null), ("contentType", null), ("transferSyntax", null),
        .. RenderQuery.UriParameters,
    ];

    private IReadOnlyList<MediaRange>? MediaTypes { get; init; }

    private string? TransferSyntax { get; init; }

    private RenderQuery Rendering { get; init; } = new();

    /// <summary>Reads the parameters, and puts the UIDs where those of a path are.</summary>
    /// <returns>Why they are refused, or null.</returns>
    public static string? Read(HttpContext context, out WadoUri uri)
    {
        uri = new WadoUri();
        var query = context.Request.Query;
        if (Once.FirstOrDefault(name => query[name].Count > 1) is { } repeated)
        {
            return $"{repeated} is to be given once.";
        }

        if (query["requestType"] != "WADO")
        {
            return "requestType is to be WADO.";
        }

        if (NotServed.FirstOrDefault(parameter => query.ContainsKey(parameter.Name)) is { Refusal: { } refusal })
        {
            return refusal;
        }

        foreach (var (parameter, route) in (ReadOnlySpan<(string, string)>)[("studyUID", "study"), ("seriesUID", "series"), ("objectUID", "instance")])
        {
            if (query[parameter] is not [{ Length: > 0 } uid] || !DicomWebAddress.IsUid(uid))
            {
                return $"{parameter} is to be a UID.";
            }

            context.Request.RouteValues[route] = uid;
        }

        string? syntax = query["transferSyntax"];
        if (syntax is not null && !DicomUID.IsValid(syntax))
        {
            return "transferSyntax is to be a UID.";
        }

        var mediaTypes = query["contentType"] is [{ } text] ? MediaRange.ParseList(text).ToList() : null;
        if (mediaTypes is { Count: 0 or > MostMediaTypes })
        {
            return "contentType is to be media types, separated by commas.";
        }

        var settings = context.RequestServices.GetRequiredService<RenderSettings>();
        var reason = RenderQuery.ReadUri(query, settings.MaxPixels, out var rendering);
        uri = new WadoUri { MediaTypes = mediaTypes, TransferSyntax = syntax, Rendering = rendering };
        return reason;
    }

    public async Task RespondAsync(WadoRequest request)
    {
        if (await request.InstanceAsync() is not { } instance)
        {
            await request.RefuseAbsentAsync();
            return;
        }

        if (await FormAsync(request, instance) is not { } form)
        {
            await request.RefuseFormAsync();
            return;
        }

        if (form.MediaType != Representation.Dicom)
        {
            await WadoRendered.RespondAsync(request, instance, Rendering.Frame is { } frame ? [frame] : null, Rendering, form);
        }
        else if (Rendering.Frame is not null)
        {
            await request.RefuseAsync(StatusCodes.Status400BadRequest, $"frameNumber is of rendered images, not of {Representation.Dicom}.");
        }
        else
        {
            await WadoInstances.RespondAsync(request, instance, form);
        }
    }

    /// <summary>contentType goes before the Accept header. An image is rendered by default (PS3.18 8.7.4); transferSyntax is of application/dicom alone.</summary>
    private async ValueTask<Representation?> FormAsync(WadoRequest request, InstanceRecord instance)
    {
        var accepted = MediaTypes ?? request.Accepted;
        request.Accepted = TransferSyntax is null ? accepted : [.. accepted.Select(range => range with { TransferSyntax = TransferSyntax })];
        var file = new Representation(Representation.Dicom, instance.TransferSyntaxUid);
        var isRendered = TransferSyntax is null && instance.Frames is not null && request.Codecs.HasWorkers;
        return isRendered && request.Select([.. WadoRendered.Forms, file]) is { } form && form != file
            ? form
            : await WadoInstances.FormAsync(request, instance, file);
    }
}
