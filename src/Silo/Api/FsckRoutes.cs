using System.Text.Json;
using System.Text.Json.Serialization;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Api;

/// <summary>Checks the whole archive and tells of it as it goes, a JSON object a line. The check ends with the request.</summary>
internal static class FsckRoutes
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static void MapFsck(this IEndpointRouteBuilder routes) => routes.MapPost("/fsck", RunAsync);

    private static async Task<IResult> RunAsync(
        HttpContext context, Fsck fsck, CancellationToken cancellation, bool repair = false, bool quick = false, bool resume = false)
    {
        var caller = CallerToken.Of(context).Token;
        if (!caller.AllowsEverywhere(PolicyActions.Administer))
        {
            return TypedResults.Problem("The token does not allow checking the archive.", statusCode: StatusCodes.Status403Forbidden);
        }

        var request = new FsckRequest { Actor = caller.Subject, TokenId = caller.Id, Repair = repair, Quick = quick, Resume = resume };
        try
        {
            await fsck.RunAsync(request, line => WriteAsync(context, line, cancellation), cancellation);
        }
        catch (FsckBusyException) when (!context.Response.HasStarted)
        {
            return TypedResults.Problem("Another check of the archive runs.", statusCode: StatusCodes.Status409Conflict);
        }
        catch (Exception failure) when (context.Response.HasStarted && failure is StorageUnavailableException or FsckBusyException)
        {
            await WriteAsync(context, new Stopped("stopped", "The check was cut off; it can be resumed."), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            context.Abort();
        }

        return TypedResults.Empty;
    }

    private static ValueTask WriteAsync(HttpContext context, FsckLine line, CancellationToken cancellation) => line switch
    {
        FsckLine.Begin begin => WriteAsync(context, new Begun("begin", begin.Resumed), cancellation),
        FsckLine.Progress progress => WriteAsync(
            context, new Reached("progress", progress.Phase, Math.Round(progress.Share, 4), Numbers.Of(progress.Counts)), cancellation),
        FsckLine.Finding finding => WriteAsync(context, Found.Of("finding", finding.Damage, finding.Outcome, null), cancellation),
        FsckLine.Known known => WriteAsync(context, Found.Of("quarantined", known.Damage, null, known.Since), cancellation),
        FsckLine.End end => WriteAsync(context, new Ended("end", Numbers.Of(end.Counts)), cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(line)),
    };

    private static async ValueTask WriteAsync<T>(HttpContext context, T line, CancellationToken cancellation)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/x-ndjson";
            context.Response.Headers.CacheControl = "no-store";
        }

        await JsonSerializer.SerializeAsync(context.Response.Body, line, Format, cancellation);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), cancellation);
        await context.Response.Body.FlushAsync(cancellation);
    }

    private sealed record Begun(string Type, bool Resumed);

    private sealed record Stopped(string Type, string Reason);

    private sealed record Reached(string Type, FsckPhase Phase, double Share, Numbers Counts);

    private sealed record Ended(string Type, Numbers Counts);

    private sealed record Numbers(
        long Studies, long Instances, long Bytes, long Findings, long Repaired, long Quarantined, long Left, long QuarantinedBefore)
    {
        public static Numbers Of(FsckCounts counts) => new(
            counts.Studies, counts.Instances, counts.Bytes, counts.Findings, counts.Repaired, counts.Quarantined, counts.Left, counts.Known);
    }

    private sealed record Found(
        string Type, DamageKind Kind, DamageOutcome? Outcome, string? Study, string? StudyInstanceUid, string? SopInstanceUid, string? Segment,
        string? Patient, DateTimeOffset? Since)
    {
        public static Found Of(string type, Damage damage, DamageOutcome? outcome, DateTimeOffset? since) => new(
            type, damage.Kind, outcome, damage.Study?.ToString(), damage.StudyInstanceUid, damage.SopInstanceUid, damage.Segment?.ToString(),
            damage.Patient?.ToString("N"), since);

        public override string ToString() => nameof(Found);
    }
}
