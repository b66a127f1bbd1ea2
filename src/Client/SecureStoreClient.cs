using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SecureStore.Client.Http;

namespace SecureStore.Client;

/// <summary>
/// Speaks to a SecureStore archive: DICOMweb, the built-in token issuer, and the archive's own requests (docs/api.md). Busy
/// answers (503) are waited for, requests that may be repeated are repeated when a connection breaks. Every method throws
/// <see cref="SecureStoreException"/> where the archive refuses, fails or cannot be reached.
/// </summary>
public sealed partial class SecureStoreClient : IDisposable
{
    const int PageSize = 500;
    const int LongestDocument = 16 * 1024 * 1024;
    const int LongestListing = 256 * 1024 * 1024; // Of one page: some archives give all at once.
    const int LongestLine = 1024 * 1024;
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(5);

    readonly HttpClient _http;
    readonly string _url;
    readonly string _web;
    readonly TimeProvider _time;

    public SecureStoreClient(SecureStoreClientOptions options)
    {
        _url = options.Url.AbsoluteUri.TrimEnd('/');
        _web = options.DicomWebRoot;
        _time = options.TimeProvider;
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Expect100ContinueTimeout = TimeSpan.FromSeconds(5),
        };
        if (options.Tls is { } tls)
        {
            sockets.SslOptions = tls;
        }

        var retrying = RetryPolicy.CreateHandler(options);
        retrying.InnerHandler = sockets;
        _http = new HttpClient(retrying)
        {
            BaseAddress = new Uri(_url + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        }

        foreach (var (name, value) in options.Headers)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value); // An error of validation would repeat the value.
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Asks the built-in issuer for a policy token (RFC 6749 4.4).</summary>
    public async Task<string> TokenAsync(TokenRequest request, AdminCredentials admin, CancellationToken cancellation = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "oauth2/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["authorization_details"] = request.AuthorizationDetails(),
                ["expires_in"] = ((long)request.Expires.TotalSeconds).ToString(),
            }),
        };
        message.Headers.Authorization = admin.ToHeader();
        using var document = JsonDocument.Parse(await DocumentAsync(message, cancellation).ConfigureAwait(false));
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("access_token", out var token)
            && token.GetString() is { Length: > 0 } text
            && text.All(c => c is > ' ' and < '\x7F')
                ? text
                : throw new SecureStoreException("the archive's answer holds no token");
    }

    /// <summary>Revokes a token by its identifier (jti), with the administrator's credentials or else the client's own token.</summary>
    public async Task RevokeAsync(string jti, AdminCredentials? admin, CancellationToken cancellation = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "oauth2/revoke")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = jti }),
        };
        RetryPolicy.MarkRepeatable(message);
        if (admin is not null)
        {
            message.Headers.Authorization = admin.ToHeader();
        }

        await DocumentAsync(message, cancellation).ConfigureAwait(false);
    }

    /// <summary>The studies that match, as data sets of DICOM JSON (PS3.18 F), asked for page by page.</summary>
    public IAsyncEnumerable<JsonElement> SearchAsync(SearchQuery query, CancellationToken cancellation = default) =>
        SearchAsync("studies", query.ToQueryString, query.Limit, cancellation);

    async IAsyncEnumerable<JsonElement> SearchAsync(
        string resource, Func<int, int, string> query, int? most, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? last = null;
        for (var offset = 0; most is not { } limit || offset < limit;)
        {
            var page = Math.Min(PageSize, (most ?? int.MaxValue) - offset);
            using var request = new HttpRequestMessage(HttpMethod.Get, _web + resource + query(page, offset));
            request.Headers.Accept.ParseAdd("application/dicom+json");
            using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
            await Answers.ThrowUnlessSuccessAsync(response, cancellation).ConfigureAwait(false);
            var count = 0;
            if (response.StatusCode != HttpStatusCode.NoContent)
            {
                await foreach (var result in ResultsAsync(response, cancellation).ConfigureAwait(false))
                {
                    if (count++ == 0 && last == (last = result.GetRawText()))
                    {
                        yield break; // It gives the same page again: it does not know of offsets.
                    }

                    yield return result;
                }
            }

            offset += count;
            // An archive that gives fewer than were asked for has no more, unless it says that it cut them off (PS3.18 8.3.4.4).
            if (count == 0 || (count < page && !response.Headers.Contains("Warning")))
            {
                yield break;
            }
        }
    }

    /// <summary>What the sweep would destroy by a day (null: today).</summary>
    public async Task<string> RetentionPlanAsync(DateOnly? until, CancellationToken cancellation = default) =>
        await GetAsync("api/retention/plan" + (until is { } day ? $"?until={day:yyyy-MM-dd}" : ""), cancellation).ConfigureAwait(false);

    /// <summary>Runs the sweep now.</summary>
    public async Task<string> RetentionRunAsync(CancellationToken cancellation = default) =>
        await PostAsync("api/retention/run", null, cancellation).ConfigureAwait(false);

    /// <summary>What the rules say of a study that is not stored yet, by its Study Date (0008,0020) and the modalities of its series.</summary>
    public async Task<string> RetentionDueAsync(string? studyDate, IEnumerable<string> modalities, CancellationToken cancellation = default) =>
        await GetAsync(
            $"api/retention/due?study_date={Uri.EscapeDataString(studyDate ?? "")}" + string.Concat(modalities.Select(one => $"&modality={Uri.EscapeDataString(one)}")),
            cancellation).ConfigureAwait(false);

    /// <summary>When a study is due, and why.</summary>
    public async Task<string> RetentionAsync(string study, CancellationToken cancellation = default) =>
        await GetAsync($"api/studies/{study}/retention", cancellation).ConfigureAwait(false);

    /// <summary>Puts a legal hold on a study: nothing destroys it until it is released.</summary>
    public async Task HoldAsync(string study, string reason, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"api/studies/{study}/hold") { Content = JsonContent.Create(new { reason }) };
        await DocumentAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes the legal hold away.</summary>
    public async Task ReleaseAsync(string study, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"api/studies/{study}/hold");
        await DocumentAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>Destroys a study for ever and returns the certificate, JSON as the archive wrote it.</summary>
    public async Task<string> DestroyAsync(string study, string reason, CancellationToken cancellation = default) =>
        await PostAsync($"api/studies/{study}/destroy", JsonContent.Create(new { reason }), cancellation).ConfigureAwait(false);

    /// <summary>The certificate of a study that was destroyed, JSON as the archive wrote it.</summary>
    public async Task<string> CertificateAsync(string study, CancellationToken cancellation = default) =>
        await GetAsync($"api/studies/{study}/certificate", cancellation).ConfigureAwait(false);

    /// <summary>Entries of the audit log from an index on, a JSON object each, as the archive wrote them.</summary>
    public async IAsyncEnumerable<string> AuditAsync(
        long from, int limit, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/audit/entries?from={from}&limit={limit}");
        using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        await Answers.ThrowUnlessSuccessAsync(response, cancellation).ConfigureAwait(false);
        await foreach (var line in LinesAsync(response, cancellation).ConfigureAwait(false))
        {
            yield return line;
        }
    }

    /// <summary>Checks the whole archive; what it tells as it goes, a JSON object each (docs/api.md). The check ends with the enumeration.</summary>
    public async IAsyncEnumerable<string> FsckAsync(
        bool repair, bool quick, bool resume, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var options = $"repair={Word(repair)}&quick={Word(quick)}&resume={Word(resume)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/fsck?{options}");
        using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        await Answers.ThrowUnlessSuccessAsync(response, cancellation).ConfigureAwait(false);
        await foreach (var line in LinesAsync(response, cancellation).ConfigureAwait(false))
        {
            yield return line;
        }

        static string Word(bool value) => value ? "true" : "false";
    }

    async IAsyncEnumerable<string> LinesAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var lines = new BoundedLines(body, LongestLine);
        while (await Reading(lines.NextAsync(cancellation)).ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    async IAsyncEnumerable<JsonElement> ResultsAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var body = await BodyAsync(response, LongestListing, cancellation).ConfigureAwait(false);
        var results = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(body, JsonSerializerOptions.Default, cancellation).GetAsyncEnumerator(cancellation);
        await using (results.ConfigureAwait(false))
        {
            while (await Reading(results.MoveNextAsync().AsTask(), response.StatusCode).ConfigureAwait(false))
            {
                yield return results.Current;
            }
        }
    }

    async Task<string> GetAsync(string resource, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, resource);
        return await DocumentAsync(request, cancellation).ConfigureAwait(false);
    }

    async Task<string> PostAsync(string resource, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, resource) { Content = content };
        return await DocumentAsync(request, cancellation).ConfigureAwait(false);
    }

    async Task<string> DocumentAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        await Answers.ThrowUnlessSuccessAsync(response, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetString(await Reading(Answers.ReadAsync(response.Content, LongestDocument, cancellation)).ConfigureAwait(false));
    }

    /// <summary>Sends a request and waits for the head of its answer.</summary>
    async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation, bool unlimited = false)
    {
        using var timeout = new CancellationTokenSource(unlimited ? Timeout.InfiniteTimeSpan : AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is not UnreadableFileException)
        {
            throw Unreachable(e);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SecureStoreException($"{_url} does not answer");
        }
    }

    async Task<AnswerStream> BodyAsync(HttpResponseMessage response, long most, CancellationToken cancellation) =>
        new(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), most, AnswerTimeout, _time);

    /// <summary>Awaits a part of an answer's body.</summary>
    async Task<T> Reading<T>(Task<T> read, HttpStatusCode? status = null)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new SecureStoreException("the archive's answer is not the JSON that was expected", e) { Status = status };
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        catch (InvalidDataException e)
        {
            throw new SecureStoreException(e.Message, e) { Status = status };
        }
        catch (HttpIOException e)
        {
            throw new SecureStoreException($"the connection to {_url} broke off", e) { Status = status };
        }
    }

    SecureStoreException Unreachable(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => new SecureStoreException($"cannot reach {_url}: {(e.InnerException ?? e).Message}", e),
        HttpRequestError.NameResolutionError => new SecureStoreException($"cannot reach {_url}: its name is not known", e),
        HttpRequestError.SecureConnectionError => new SecureStoreException($"cannot reach {_url}: no trusted TLS connection", e),
        _ => new SecureStoreException($"the connection to {_url} broke off", e),
    };
}
