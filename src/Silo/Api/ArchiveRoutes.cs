using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SecureStore.Dicom;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Api;

/// <summary>The archive's own requests (docs/api.md): retention, holds, destruction and certificates.</summary>
internal static class ArchiveRoutes
{
    private const int MaxReason = 1000;
    private const int MaxModalities = 100;

    public static void MapArchive(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").RequireAuthorization().AddEndpointFilter(TranslateFaultsAsync);
        api.MapGet("/retention/plan", PlanAsync);
        api.MapPost("/retention/run", RunAsync);
        api.MapGet("/retention/due", DueAsync);
        api.MapGet("/studies/{study}/retention", RetentionAsync);
        api.MapPut("/studies/{study}/hold", (string study, ReasonBody body, StudyGate gate) => HoldAsync(study, body.Reason, gate));
        api.MapDelete("/studies/{study}/hold", (string study, StudyGate gate) => HoldAsync(study, null, gate));
        api.MapPost("/studies/{study}/destroy", DestroyAsync);
        api.MapGet("/studies/{study}/certificate", CertificateAsync);
        api.MapAuditEntries();
        api.MapFsck();
    }

    public static bool MayAdminister(this CallerToken caller, PolicyActions alternative) =>
        caller.Token.AllowsEverywhere(PolicyActions.Administer) || caller.Token.AllowsEverywhere(alternative);

    /// <summary>Who may know whose study it is; who may only store is not told.</summary>
    private static readonly PolicyActions[] SeesRetention =
        [PolicyActions.Search, PolicyActions.Read, PolicyActions.Hold, PolicyActions.Destroy, PolicyActions.Administer];

    private static async Task<IResult> PlanAsync(
        HttpContext context, string? until, RetentionPlan plan, IAuditLog audit, TimeProvider time, CancellationToken cancellation)
    {
        var caller = CallerToken.Of(context);
        if (!caller.MayAdminister(PolicyActions.Destroy))
        {
            return Problem(StatusCodes.Status403Forbidden, "The token does not allow seeing the retention plan.");
        }

        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (until is not null && !DateOnly.TryParseExact(until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
        {
            return Problem(StatusCodes.Status400BadRequest, "until is a date written like 2030-12-31.");
        }

        await RecordAsync(context, audit, time, caller.Token, null, $"Retention plan until {day:yyyy-MM-dd}");
        return TypedResults.Ok(EntriesAsync());

        async IAsyncEnumerable<RetentionEntry> EntriesAsync()
        {
            await foreach (var facts in plan.UntilAsync(day, cancellation))
            {
                yield return RetentionEntry.Of(facts);
            }
        }
    }

    private static async Task<IResult> RunAsync(HttpContext context, RetentionSweep sweep)
    {
        if (!CallerToken.Of(context).MayAdminister(PolicyActions.Destroy))
        {
            return Problem(StatusCodes.Status403Forbidden, "The token does not allow running the sweep.");
        }

        var result = await sweep.RunAsync(context.RequestAborted);
        return TypedResults.Ok(new { destroyed = result.Destroyed, skipped = result.Skipped, failed = result.Failed });
    }

    /// <summary>What the rules say of a study that the archive does not have: asked before it is stored.</summary>
    private static IResult DueAsync(
        HttpContext context, [FromQuery(Name = "study_date")] string? studyDate, [FromQuery] string[] modality, RetentionOptions rules, TimeProvider time)
    {
        var token = CallerToken.Of(context).Token;
        if (!token.AllowsSomewhere(PolicyActions.Store) && !token.AllowsSomewhere(PolicyActions.Administer))
        {
            return Problem(StatusCodes.Status403Forbidden, "The token does not allow storing.");
        }

        if (modality.Length > MaxModalities)
        {
            return Problem(StatusCodes.Status400BadRequest, $"A study has {MaxModalities} modalities at most.");
        }

        var now = time.GetUtcNow();
        var decision = RetentionSchedule.Decide(rules, modality, studyDate, now);
        return TypedResults.Ok(new
        {
            due = decision.RuleDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            rule = decision.RuleName,
            expired = decision.RuleDay <= DateOnly.FromDateTime(now.UtcDateTime),
        });
    }

    private static async Task<IResult> RetentionAsync(
        HttpContext context, string study, RetentionPlan plan, Vault vault, IAuditLog audit, TimeProvider time, CancellationToken cancellation)
    {
        if (!DicomWebAddress.IsUid(study))
        {
            return Malformed();
        }

        var facts = await plan.OfAsync(vault.MacOfUid(study), cancellation);
        var token = CallerToken.Of(context).Token;
        if (facts is null || !token.Covers(facts.StudyInstanceUid, facts.Patient))
        {
            return NotFound();
        }

        if (!SeesRetention.Any(action => token.Allows(action, facts.StudyInstanceUid, facts.Patient)))
        {
            return Problem(ProblemResults.Of(ReadVerdict.Forbidden));
        }

        await RecordAsync(context, audit, time, token, facts, "Retention");
        return TypedResults.Ok(RetentionEntry.Of(facts));
    }

    /// <summary>Names leave only after this.</summary>
    private static async Task RecordAsync(
        HttpContext context, IAuditLog audit, TimeProvider time, PolicyToken token, StudyFacts? facts, string detail) => await audit.AppendAsync(
        new AuditEvent
        {
            Id = Guid.NewGuid(),
            Time = time.GetUtcNow(),
            Action = AuditAction.Query,
            Actor = token.Subject,
            TokenId = token.Id,
            TokenIssuer = token.Issuer,
            StudyInstanceUid = facts?.StudyInstanceUid,
            Patient = facts?.Patient,
            Detail = detail,
            Address = context.Connection.RemoteIpAddress?.ToString(),
        },
        context.RequestAborted);

    private static async Task<IResult> HoldAsync(string study, string? reason, StudyGate gate)
    {
        if (!DicomWebAddress.IsUid(study) || reason?.Length is 0 or > MaxReason)
        {
            return Malformed();
        }

        if (await gate.FindAsync(study) is not { } grain)
        {
            return NotFound();
        }

        var decision = await grain.HoldAsync(new StudyRequest(gate.Token, reason));
        return decision.Verdict == ReadVerdict.Granted ? TypedResults.NoContent() : Problem(ProblemResults.Of(decision.Verdict));
    }

    private static async Task<IResult> DestroyAsync(string study, ReasonBody body, StudyGate gate)
    {
        if (!DicomWebAddress.IsUid(study) || body.Reason is not { Length: > 0 and <= MaxReason })
        {
            return Malformed();
        }

        if (await gate.FindAsync(study) is not { } grain)
        {
            return NotFound();
        }

        var decision = await grain.DestroyAsync(new StudyRequest(gate.Token, body.Reason));
        return decision.Verdict switch
        {
            DestroyVerdict.Destroyed or DestroyVerdict.AlreadyDestroyed => Certificate(decision.Certificate!),
            DestroyVerdict.Unauthorized => Problem(ProblemResults.Of(ReadVerdict.Unauthorized)),
            DestroyVerdict.Forbidden => Problem(ProblemResults.Of(ReadVerdict.Forbidden)),
            DestroyVerdict.OnHold => Problem(StatusCodes.Status409Conflict, "A legal hold forbids the destruction of this study."),
            _ => NotFound(),
        };
    }

    private static async Task<IResult> CertificateAsync(string study, StudyGate gate)
    {
        if (!DicomWebAddress.IsUid(study))
        {
            return Malformed();
        }

        return await gate.FindAsync(study) is { } grain && await grain.CertificateAsync(new StudyRequest(gate.Token)) is { } certificate
            ? Certificate(certificate)
            : NotFound();
    }

    private static ContentHttpResult Certificate(string json) => TypedResults.Text(json, "application/json");

    private static ProblemHttpResult NotFound() => Problem(ProblemResults.Of(ReadVerdict.NotFound));

    private static ProblemHttpResult Malformed() =>
        Problem(StatusCodes.Status400BadRequest, "The path must name a Study Instance UID, and the body a reason of 1 to 1000 characters where one is wanted.");

    private static ProblemHttpResult Problem((int Status, string Detail) problem) => Problem(problem.Status, problem.Detail);

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    private static async ValueTask<object?> TranslateFaultsAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception fault) when (ProblemResults.Of(fault) is { } problem)
        {
            if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            {
                context.HttpContext.Response.Headers.RetryAfter = "10";
            }

            return Problem(problem);
        }
    }
}

internal sealed record ReasonBody(string? Reason);

/// <summary>One study in the retention plan.</summary>
internal sealed record RetentionEntry(
    string Study, [property: JsonPropertyName("patient_id")] string PatientId, string Issuer, string Due, string Rule, string? Hold, string State)
{
    public static RetentionEntry Of(StudyFacts facts) => new(
        facts.StudyInstanceUid,
        facts.Patient.Id,
        facts.Patient.Issuer,
        facts.DueDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        facts.RetentionRule,
        facts.LegalHold,
        facts.LegalHold is null ? "active" : "hold");

    public override string ToString() => nameof(RetentionEntry);
}

/// <summary>The way from a request to its study's grain, with the caller's token.</summary>
internal sealed class StudyGate(IHttpContextAccessor accessor, ICatalog catalog, Vault vault, IGrainFactory grains)
{
    public string Token => CallerToken.Of(accessor.HttpContext!).Raw;

    public async ValueTask<IStudyGrain?> FindAsync(string studyInstanceUid) =>
        await catalog.FindStudyAsync(vault.MacOfUid(studyInstanceUid), accessor.HttpContext!.RequestAborted) is { } row
            ? grains.GetGrain<IStudyGrain>(row.Study.Value)
            : null;
}
