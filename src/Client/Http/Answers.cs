using System.Net;
using System.Text.Json;

namespace SecureStore.Client.Http;

/// <summary>Turns an answer that is no success into one sentence.</summary>
static class Answers
{
    const int LongestProblem = 64 * 1024;

    public static async Task ThrowUnlessSuccessAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new SecureStoreException(await SentenceAsync(response, cancellation).ConfigureAwait(false), response.StatusCode);
        }
    }

    /// <summary>What a status means, with the problem's title and detail (RFC 9457) or OAuth's error (RFC 6749 5.2) if it has one.</summary>
    public static async Task<string> SentenceAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var words = await ProblemAsync(response, cancellation).ConfigureAwait(false);
        var meaning = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "the archive does not accept this token or these credentials",
            HttpStatusCode.Forbidden => "the token does not allow this",
            HttpStatusCode.NotFound => "no such study for this token",
            HttpStatusCode.ServiceUnavailable => "the archive cannot do this at the moment; try again later",
            var status => $"the archive answered {(int)status}",
        };
        return words.Length == 0 ? meaning : $"{meaning}: {words}";
    }

    /// <summary>The title and the detail of a problem; empty where the answer has none.</summary>
    public static async Task<string> ProblemAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return "";
        }

        try
        {
            using var document = JsonDocument.Parse(await ReadAsync(response.Content, LongestProblem, cancellation).ConfigureAwait(false));
            var problem = document.RootElement;
            return problem.ValueKind != JsonValueKind.Object
                ? ""
                : string.Join(": ", new[] { Text(problem, "title"), Text(problem, "detail"), Text(problem, "error_description") ?? Text(problem, "error") }
                    .Where(s => !string.IsNullOrWhiteSpace(s)).Distinct());
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException or SecureStoreException)
        {
            return ""; // The status alone says enough.
        }
    }

    /// <summary>Reads a body of at most <paramref name="limit"/> bytes.</summary>
    /// <exception cref="SecureStoreException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int limit, CancellationToken cancellation)
    {
        using var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (body.Length + read > limit)
            {
                throw new SecureStoreException("the archive's answer is too long");
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    static string? Text(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
