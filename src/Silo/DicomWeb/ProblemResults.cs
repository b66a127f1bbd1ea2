using System.Globalization;
using Microsoft.Net.Http.Headers;
using SecureStore.Codecs;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Refusals as problem details (RFC 9457). Details are sentences of ours: no value of a data set stands in them.</summary>
internal static class ProblemResults
{
    /// <summary>What Retry-After says where storage fails for now.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>The one table of what became of a wish to read.</summary>
    public static (int Status, string Detail) Of(ReadVerdict verdict) => verdict switch
    {
        ReadVerdict.Unauthorized => (StatusCodes.Status401Unauthorized, "The token is not valid."),
        ReadVerdict.Forbidden => (StatusCodes.Status403Forbidden, "The token does not allow this action on the study."),
        _ => (StatusCodes.Status404NotFound, "There is no such study."),
    };

    /// <summary>The one table of what fails while a response is made; null for what no table knows.</summary>
    public static (int Status, string Detail)? Of(Exception exception) => exception switch
    {
        StorageUnavailableException or VaultException => (StatusCodes.Status503ServiceUnavailable, "Storage is not available for now."),
        _ when UnansweredCall.Is(exception) => (StatusCodes.Status503ServiceUnavailable, "The study does not answer for now."),
        StudyClosedException => (StatusCodes.Status503ServiceUnavailable, "The study was closed under this read; ask again."),
        CodecUnavailableException => (StatusCodes.Status503ServiceUnavailable, "What is asked for cannot be decompressed, rendered or read for now."),
        CodecException => (StatusCodes.Status406NotAcceptable, "What is stored cannot be decompressed or rendered here; it can be had as it is stored."),
        InstanceLostException => (StatusCodes.Status410Gone, "The bytes of this instance are lost; it can be stored again."),
        SealedObjectException or ObjectMissingException or VaultIntegrityException =>
            (StatusCodes.Status500InternalServerError, "What is stored of this study is damaged."),
        _ => null,
    };

    /// <summary>Writes a refusal with the header that its status calls for: a challenge for 401, a time for 503.</summary>
    public static Task WriteAsync(HttpContext context, (int Status, string Detail) problem, IDictionary<string, object?>? extensions = null)
    {
        var headers = context.Response.Headers;
        headers.ContentLength = null;
        headers.ETag = default;
        if (problem.Status != StatusCodes.Status416RangeNotSatisfiable)
        {
            headers.ContentRange = default;
        }

        headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }
        else if (problem.Status == StatusCodes.Status503ServiceUnavailable)
        {
            headers[HeaderNames.RetryAfter] = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(problem.Detail, statusCode: problem.Status, extensions: extensions).ExecuteAsync(context);
    }

    public static Task WriteAsync(HttpContext context, int status, string detail) => WriteAsync(context, (status, detail));
}
