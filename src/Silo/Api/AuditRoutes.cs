using System.Text.Json;
using System.Text.Json.Serialization;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Api;

/// <summary>Shows the audit log to whoever may see it; that it was seen is an entry itself.</summary>
internal static class AuditRoutes
{
    private const int MaxEntries = 100_000;

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static void MapAuditEntries(this IEndpointRouteBuilder routes) => routes.MapGet("/audit/entries", EntriesAsync);

    private static async Task<IResult> EntriesAsync(
        HttpContext context, IAuditLog audit, TimeProvider time, CancellationToken cancellation, long from = 0, int limit = 1000)
    {
        var caller = CallerToken.Of(context);
        if (!caller.Token.AllowsEverywhere(PolicyActions.Audit))
        {
            return TypedResults.Problem("The token does not allow reading the audit log.", statusCode: StatusCodes.Status403Forbidden);
        }

        if (from < 0 || limit is < 1 or > MaxEntries)
        {
            return TypedResults.Problem($"from is 0 or more and limit 1 to {MaxEntries}.", statusCode: StatusCodes.Status400BadRequest);
        }

        await audit.AppendAsync(
            new AuditEvent
            {
                Id = Guid.NewGuid(),
                Time = time.GetUtcNow(),
                Action = AuditAction.AuditRead,
                Actor = caller.Token.Subject,
                TokenId = caller.Token.Id,
                TokenIssuer = caller.Token.Issuer,
                Address = context.Connection.RemoteIpAddress?.ToString(),
                Detail = $"from {from}, at most {limit}",
            },
            cancellation);
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        await foreach (var (index, entry) in audit.ReadAsync(from, cancellation).Take(limit).WithCancellation(cancellation))
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, Line.Of(index, entry), Format, cancellation);
            await context.Response.Body.WriteAsync("\n"u8.ToArray(), cancellation);
        }

        return TypedResults.Empty;
    }

    /// <summary>An entry as it is shown; the patient is named as in tokens, issuer and ID.</summary>
    private sealed record Line(
        long Index, Guid Id, DateTimeOffset Time, AuditAction Action, string Actor, string? TokenId, string? TokenIssuer, string? PurposeOfUse,
        string? StudyInstanceUid, string? PatientId, string? Issuer, string? PolicyAction, long? Instances, long? Bytes, string? Reason,
        string? Detail, Guid? Session, string? Address)
    {
        public static Line Of(long index, AuditEvent entry) => new(
            index, entry.Id, entry.Time, entry.Action, entry.Actor, entry.TokenId, entry.TokenIssuer, entry.PurposeOfUse,
            entry.StudyInstanceUid, entry.Patient?.Id, entry.Patient?.Issuer, entry.PolicyAction, entry.Instances, entry.Bytes, entry.Reason,
            entry.Detail, entry.Session, entry.Address);
    }
}
