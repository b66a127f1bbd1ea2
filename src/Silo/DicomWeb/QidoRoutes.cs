using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Search;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// QIDO-RS, the search transaction (PS3.18 10.6). Each query is in the audit log before its first result leaves. Nothing
/// found, a study that is not there and one out of scope are all 200 with an empty list.
/// </summary>
public static class QidoRoutes
{
    private const string DicomJson = "application/dicom+json";
    private const string Json = "application/json";
    private const int FlushSize = 32 * 1024;
    private const int MaxWarnings = 16;

    public static IEndpointRouteBuilder MapQido(this IEndpointRouteBuilder routes)
    {
        var web = routes.MapGroup("/dicom-web");
        Map(web, "/studies", QueryLevel.Study, "Studies");
        Map(web, "/series", QueryLevel.Series, "Series");
        Map(web, "/instances", QueryLevel.Instance, "Instances");
        Map(web, "/studies/{study}/series", QueryLevel.Series, "StudySeries");
        Map(web, "/studies/{study}/instances", QueryLevel.Instance, "StudyInstances");
        Map(web, "/studies/{study}/series/{series}/instances", QueryLevel.Instance, "StudySeriesInstances");
        return routes;
    }

    private static void Map(RouteGroupBuilder routes, string pattern, QueryLevel level, string name) =>
        routes.MapGet(pattern, context => Search(context, level)).WithMetadata(new Capability($"SearchFor{name}", DicomJson, Json)
        {
            Query = [("limit", null), ("offset", null), ("fuzzymatching", null), ("includefield", null), ("accept", null)],
        });

    private static async Task Search(HttpContext context, QueryLevel level)
    {
        if (await AnswerOrRefuseAsync(context, level, context.GetRouteValue("study") as string, context.GetRouteValue("series") as string) is { } refusal)
            await refusal.ExecuteAsync(context);
    }

    private static async Task<IResult?> AnswerOrRefuseAsync(HttpContext context, QueryLevel level, string? study, string? series)
    {
        if (context.Features.Get<CallerToken>() is not { } caller)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem("A policy token is needed.", statusCode: StatusCodes.Status401Unauthorized);
        }

        if (SearchScope.Of(caller.Token) is not { } scope)
            return TypedResults.Problem("The token does not allow searching.", statusCode: StatusCodes.Status403Forbidden);
        if (MediaType(context.Request) is not { } mediaType)
            return TypedResults.Problem($"Results come as {DicomJson} only.", statusCode: StatusCodes.Status406NotAcceptable);

        try
        {
            var parameters = context.Request.Query.SelectMany(
                pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? "")));
            var query = StudyQueryParser.Parse(level, study, series, parameters);
            var hits = await context.RequestServices.GetRequiredService<StudySearch>().BeginAsync(query, scope, context.RequestAborted);
            await RecordAsync(context, caller.Token, query);
            await AnswerAsync(context, caller, query, hits, mediaType);
            return null;
        }
        catch (QueryFormatException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (StorageUnavailableException) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem("The archive cannot search for now.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task AnswerAsync(HttpContext context, CallerToken caller, StudyQuery query, IAsyncEnumerable<SearchHit> hits, string mediaType)
    {
        var (request, response) = (context.Request, context.Response);
        var tokens = context.RequestServices.GetRequiredService<IPolicyTokens>();
        var results = new QidoWriter(query, $"{request.Scheme}://{request.Host}{request.PathBase}/dicom-web");
        var buffer = new ArrayBufferWriter<byte>(FlushSize);
        await using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        await foreach (var hit in hits)
        {
            results.Write(writer, hit);
            if (writer.BytesPending + buffer.WrittenCount >= FlushSize)
                await SendAsync();
        }

        writer.WriteEndArray();
        await SendAsync();

        async ValueTask SendAsync()
        {
            if (!response.HasStarted)
            {
                response.ContentType = mediaType;
                response.Headers.CacheControl = "no-store";
                response.Headers.Warning = new StringValues(
                    [.. query.Warnings.Take(MaxWarnings).Select(warning => $"299 SecureStore \"{warning}\"")]);
            }
            else if (!(await tokens.CheckAsync(caller.Raw, context.RequestAborted)).IsValid)
            {
                // Revoked, or over, while its answer was read.
                context.Abort();
            }

            await writer.FlushAsync(context.RequestAborted);
            await response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
            buffer.ResetWrittenCount();
        }
    }

    private static ValueTask<long> RecordAsync(HttpContext context, PolicyToken token, StudyQuery query) =>
        context.RequestServices.GetRequiredService<IAuditLog>().AppendAsync(
            SearchEvents.Of(token, query, context.Connection.RemoteIpAddress?.ToString(), context.RequestServices.GetRequiredService<TimeProvider>()),
            context.RequestAborted);

    /// <summary>The media type to answer in, or null where the caller accepts neither (PS3.18 8.7.4; the accept parameter goes before the header).</summary>
    private static string? MediaType(HttpRequest request)
    {
        var accept = request.Query.TryGetValue("accept", out var parameter) ? parameter : request.Headers.Accept;
        if (StringValues.IsNullOrEmpty(accept))
            return DicomJson;
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var wanted))
            return null;

        var accepted = wanted.Where(range => range.Quality is not 0).ToList();
        return accepted.Any(range => range.MatchesAllTypes || range.MediaType == "application/*" || range.MediaType == DicomJson) ? DicomJson
            : accepted.Any(range => range.MediaType == Json) ? Json
            : null;
    }
}
