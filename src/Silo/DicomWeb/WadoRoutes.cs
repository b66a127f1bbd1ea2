using Microsoft.Extensions.Options;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.DicomWeb;

/// <summary>WADO-RS (PS3.18 10.4): instances, metadata, frames and bulk data; and WADO-URI (PS3.18 9).</summary>
public static class WadoRoutes
{
    private const string Study = $"{DicomWebAddress.Path}/studies/{{study}}";
    private const string Series = $"{Study}/series/{{series}}";
    private const string Instance = $"{Series}/instances/{{instance}}";

    private static readonly string[] Images = [.. WadoRendered.Forms.Select(form => form.MediaType)];
    private static readonly string Files = Capability.Multipart(Representation.Dicom);

    public static IEndpointRouteBuilder MapWado(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        foreach (var (level, name) in (ReadOnlySpan<(string, string)>)[(Study, "Study"), (Series, "Series"), (Instance, "Instance")])
        {
            Map(routes, level, WadoInstances.RespondAsync, new($"Retrieve{name}", level == Instance ? [Files, Representation.Dicom] : [Files]));
            Map(routes, level + "/metadata", WadoMetadata.RespondAsync, new($"Retrieve{name}Metadata", Representation.DicomJson, Representation.Json));
            Map(routes, level + "/thumbnail", WadoRendered.RespondThumbnailAsync, new($"Retrieve{name}Thumbnail", Images) { Query = RenderQuery.Parameters });
        }

        Map(routes, Instance + "/frames/{frames}", WadoFrames.RespondAsync, new("RetrieveFrames", FrameMediaTypes.All));
        Map(routes, Instance + "/frames/{frames}/rendered", WadoRendered.RespondAsync, new("RetrieveRenderedFrames", Images) { Query = RenderQuery.Parameters });
        Map(routes, Instance + "/frames/{frames}/thumbnail", WadoRendered.RespondThumbnailAsync, new("RetrieveFrameThumbnail", Images) { Query = RenderQuery.Parameters });
        Map(routes, Instance + "/rendered", WadoRendered.RespondAsync, new("RetrieveRenderedInstance", Images) { Query = RenderQuery.Parameters });
        Map(routes, Instance + "/bulkdata/{**path}", WadoBulkData.RespondAsync, new("RetrieveBulkdata", FrameMediaTypes.All));
        routes.MapGet(DicomWebAddress.Path, ServeUriAsync).WithMetadata(new Capability("RetrieveInstanceByURI", [.. Images, Representation.Dicom]) { Query = WadoUri.Parameters });
        return routes;
    }

    private static void Map(IEndpointRouteBuilder routes, string pattern, Func<WadoRequest, Task> respond, Capability capability) =>
        routes.MapGet(pattern, context => ServeAsync(context, respond))
            .WithMetadata(capability.Query.Count > 0 ? capability : capability with { Query = [("accept", null)] });

    private static Task ServeUriAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return WadoUri.Read(context, out var uri) is { } refusal && context.Features.Get<CallerToken>() is not null
            ? ProblemResults.WriteAsync(context, StatusCodes.Status400BadRequest, refusal)
            : ServeAsync(context, uri.RespondAsync);
    }

    private static async Task ServeAsync(HttpContext context, Func<WadoRequest, Task> respond)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Features.Get<CallerToken>() is not { } caller)
        {
            await ProblemResults.WriteAsync(context, ProblemResults.Of(ReadVerdict.Unauthorized));
            return;
        }

        if (((string[])["study", "series", "instance"]).Any(name => !DicomWebAddress.IsUid(context.GetRouteValue(name) as string)))
        {
            await ProblemResults.WriteAsync(context, StatusCodes.Status400BadRequest, "The URL names something that is not a UID.");
            return;
        }

        try
        {
            await OpenAndRespondAsync(context, caller, respond);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            context.Abort();
        }
        catch (Exception exception) when (ProblemResults.Of(exception) is not null || context.Response.HasStarted)
        {
            await FailAsync(context, exception);
        }
    }

    private static async Task OpenAndRespondAsync(HttpContext context, CallerToken caller, Func<WadoRequest, Task> respond)
    {
        var services = context.RequestServices;
        var address = context.Connection.RemoteIpAddress?.ToString();
        var study = (string)context.GetRouteValue("study")!;
        var opened = await services.GetRequiredService<IStudyReader>()
            .OpenAsync(caller.Raw, study, PolicyActions.Read, address, context.RequestAborted);
        if (opened.Session is null)
        {
            await ProblemResults.WriteAsync(context, ProblemResults.Of(opened.Verdict));
            return;
        }

        await using (opened.Session)
        {
            var options = services.GetRequiredService<IOptions<DicomWebOptions>>().Value;
            using var request = new WadoRequest(context, opened.Session, services.GetRequiredService<CodecPool>(), options.StrictTransferSyntax);
            try
            {
                await respond(request);
            }
            catch (OperationCanceledException) when (opened.Session.Closing.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
            {
                throw new StudyClosedException();
            }
        }
    }

    /// <summary>Before the first byte a failure is answered; after it the connection is broken off, so that nobody takes a part for the whole.</summary>
    private static async Task FailAsync(HttpContext context, Exception exception)
    {
        var problem = ProblemResults.Of(exception);
        if (problem is null or { Status: StatusCodes.Status500InternalServerError })
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("SecureStore.DicomWeb")
                .LogError("A response failed: {Kind}.", exception.GetType().Name);
        }

        if (context.Response.HasStarted || problem is null)
        {
            context.Abort();
            return;
        }

        await ProblemResults.WriteAsync(context, problem.Value);
    }
}
