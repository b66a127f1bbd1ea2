using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.DicomWeb;

/// <summary>STOW-RS (PS3.18 10.5): POST to /dicom-web/studies and /dicom-web/studies/{study}.</summary>
public static class StowRoutes
{
    private static readonly Representation[] Responses = [new(Representation.DicomJson), new(Representation.Json)];

    public static IEndpointRouteBuilder MapStow(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        Map(routes, $"{DicomWebAddress.Path}/studies", "StoreInstances");
        Map(routes, $"{DicomWebAddress.Path}/studies/{{study}}", "StoreStudyInstances");
        return routes;
    }

    private static void Map(IEndpointRouteBuilder routes, string pattern, string transaction) =>
        routes.MapPost(pattern, StoreAsync).WithMetadata(new Capability(transaction, Representation.DicomJson, Representation.Json)
        {
            Body = [Capability.Multipart(Representation.Dicom), Representation.Dicom],
        });

    private static async Task StoreAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var study = context.GetRouteValue("study") as string;
        if (context.Features.Get<CallerToken>() is not { } caller)
        {
            await ProblemResults.WriteAsync(context, ProblemResults.Of(ReadVerdict.Unauthorized));
        }
        else if (!DicomWebAddress.IsUid(study))
        {
            await ProblemResults.WriteAsync(context, StatusCodes.Status400BadRequest, "The study in the URL is not a UID.");
        }
        else if (MediaTypeNegotiation.Select(MediaTypeNegotiation.Accepted(context.Request), Responses) is not { } response)
        {
            await ProblemResults.WriteAsync(context, StatusCodes.Status406NotAcceptable, "The response is application/dicom+json only.");
        }
        else if (!IsAccepted(context.Request, out var type))
        {
            await ProblemResults.WriteAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "The body is to be application/dicom, by itself or in multipart/related, uncompressed.");
        }
        else
        {
            await ReceiveAsync(context, caller, study, type, response);
        }
    }

    private static bool IsAccepted(HttpRequest request, out MediaRange type) =>
        MediaRange.TryParse(request.ContentType, out type)
        && (type.IsMultipartRelated ? type.RelatedType is null or Representation.Dicom : type.Type == Representation.Dicom)
        && request.Headers.ContentEncoding.ToString() is "" or "identity";

    private static async Task ReceiveAsync(HttpContext context, CallerToken caller, string? study, MediaRange type, Representation response)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var options = context.RequestServices.GetRequiredService<IOptions<DicomWebOptions>>().Value;
        var store = context.RequestServices.GetRequiredService<IStudyStore>();
        await using var session = store.Begin(caller.Raw, study, context.Connection.RemoteIpAddress?.ToString());
        var intake = new StowIntake(session);
        var body = new RequestBody(context.Request.Body);
        (int Status, string Detail)? problem = null;
        try
        {
            problem = type.IsMultipartRelated
                ? await TakePartsAsync(intake, body, type.Boundary ?? "", options.MaxParts, context.RequestAborted)
                : await TakeBodyAsync(intake, body, context.RequestAborted);
        }
        catch (StorageUnavailableException exception) when (body.Failure is null)
        {
            problem = ProblemResults.Of(exception);
        }
        catch (Exception) when (body.Failure is not null || context.RequestAborted.IsCancellationRequested)
        {
            problem = body.Failure is BadHttpRequestException broken
                ? (broken.StatusCode, "The body is cut off.")
                : (StatusCodes.Status400BadRequest, "The body is cut off.");
        }

        try
        {
            await intake.CommitAsync();
        }
        catch (StorageUnavailableException exception)
        {
            problem = ProblemResults.Of(exception);
        }

        await RespondAsync(context, intake, problem, response);
    }

    private static async Task<(int Status, string Detail)?> TakeBodyAsync(StowIntake intake, RequestBody body, CancellationToken cancellation)
    {
        await intake.TakeAsync(body, cancellation);
        return body.Position == 0 ? (StatusCodes.Status400BadRequest, "The body is empty.") : null;
    }

    private static async Task<(int Status, string Detail)?> TakePartsAsync(
        StowIntake intake, RequestBody body, string boundary, int maxParts, CancellationToken cancellation)
    {
        if (!MultipartPartReader.IsBoundary(boundary))
        {
            return (StatusCodes.Status400BadRequest, "The Content-Type has no boundary, or one that is too long or has characters that RFC 2046 does not allow.");
        }

        using var parts = new MultipartPartReader(body, boundary);
        try
        {
            while (await parts.NextPartAsync(cancellation) is { } part)
            {
                if (intake.Results.Count == maxParts)
                {
                    return (StatusCodes.Status413PayloadTooLarge, $"A request may have {maxParts} parts at most.");
                }

                if (part.IsDicom)
                {
                    await intake.TakeAsync(part, cancellation);
                }
                else
                {
                    intake.Refuse("The part is not announced as application/dicom.");
                }

                await intake.CommitIfDueAsync();
            }
        }
        catch (Exception) when (parts.Failure is MultipartException)
        {
            return (StatusCodes.Status400BadRequest, parts.Failure.Message);
        }

        return intake.Results.Count == 0 ? (StatusCodes.Status400BadRequest, "The body has no parts.") : null;
    }

    private static async Task RespondAsync(HttpContext context, StowIntake intake, (int Status, string Detail)? problem, Representation response)
    {
        problem ??= StoreReasons.HttpStatus(intake.Results) switch
        {
            StatusCodes.Status401Unauthorized => ProblemResults.Of(ReadVerdict.Unauthorized),
            StatusCodes.Status403Forbidden => (StatusCodes.Status403Forbidden, "The token does not allow storing this."),
            StatusCodes.Status503ServiceUnavailable => ProblemResults.Of(new StorageUnavailableException("")),
            _ => null,
        };
        if (problem is { } refused)
        {
            await ProblemResults.WriteAsync(context, refused, new Dictionary<string, object?> { ["stored"] = intake.Stored });
            return;
        }

        context.Response.StatusCode = StoreReasons.HttpStatus(intake.Results);
        context.Response.ContentType = response.ContentType;
        StowResponse.Write(context.Response.BodyWriter, intake.Results, DicomWebAddress.Base(context.Request));
        await context.Response.CompleteAsync();
    }
}
