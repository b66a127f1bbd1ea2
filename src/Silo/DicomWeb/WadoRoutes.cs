using Microsoft.Extensions.Options;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.DicomWeb;

/// <summary>WADO-RS (PS3.18 10.4): instances, metadata, frames and bulk data.</summary>
public static class WadoRoutes
{
    private const string Study = $"{DicomWebAddress.Path}/studies/{{study}}";
    private const string Series = $"{Study}/series/{{series}}";
    private const string Instance = $"{Series}/instances/{{instance}}";

    public static IEndpointRouteBuilder MapWado(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        foreach (var level in (string[])[Study, Series, Instance])
        {
            Map(routes, level, WadoInstances.RespondAsync);
            Map(routes, level + "/metadata", WadoMetadata.RespondAsync);
        }

        Map(routes, Instance + "/frames/{frames}", WadoFrames.RespondAsync);
        Map(routes, Instance + "/bulkdata/{**path}", WadoBulkData.RespondAsync);
        return routes;
    }

    private static void Map(IEndpointRouteBuilder routes, string pattern, Func<WadoRequest, Task> respond) =>
        routes.MapGet(pattern, context => ServeAsync(context, respond));

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
            using var request = new WadoRequest(context, opened.Session, options.StrictTransferSyntax);
            await respond(request);
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
