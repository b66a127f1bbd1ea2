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
        web.MapGet("/studies", (HttpContext context) => Search(context, QueryLevel.Study));
        web.MapGet("/series", (HttpContext context) => Search(context, QueryLevel.Series));
        web.MapGet("/instances", (HttpContext context) => Search(context, QueryLevel.Instance));
        web.MapGet("/studies/{study}/series", (HttpContext context, string study) => Search(context, QueryLevel.Series, study));
        web.MapGet("/studies/{study}/instances", (HttpContext context, string study) => Search(context, QueryLevel.Instance, study));
        web.MapGet("/studies/{study}/series/{series}/instances", (HttpContext context, string study, string series) =>
            Search(context, QueryLevel.Instance, study, series));
        return routes;
    }

    private static async Task Search(HttpContext context, QueryLevel level, string? study = null, string? series = null)
    {
        if (await AnswerOrRefuseAsync(context, level, study, series) is { } refusal)
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
            await AnswerAsync(context, query, hits, mediaType);
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

    private static async Task AnswerAsync(HttpContext context, StudyQuery query, IAsyncEnumerable<SearchHit> hits, string mediaType)
    {
        var (request, response) = (context.Request, context.Response);
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

            await writer.FlushAsync(context.RequestAborted);
            await response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
            buffer.ResetWrittenCount();
        }
    }

    private static ValueTask<long> RecordAsync(HttpContext context, PolicyToken token, StudyQuery query)
    {
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        return context.RequestServices.GetRequiredService<IAuditLog>().AppendAsync(
            new()
            {
                Id = Guid.NewGuid(),
                Time = clock.GetUtcNow(),
                Action = AuditAction.Query,
                Actor = token.Subject,
                TokenId = token.Id,
                TokenIssuer = token.Issuer,
                PurposeOfUse = token.Grants.First(grant => grant.Actions.HasFlag(PolicyActions.Search)).PurposeOfUse,
                PolicyAction = "search",
                StudyInstanceUid = query.StudyUid,
                Detail = $"{query.Level}: {query.KeyNames}".TrimEnd(' ', ':'),
                Address = context.Connection.RemoteIpAddress?.ToString(),
            },
            context.RequestAborted);
    }

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
