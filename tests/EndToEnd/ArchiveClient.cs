using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecureStore.EndToEnd;

/// <summary>Speaks to an archive over HTTP as any DICOMweb client would.</summary>
internal sealed class ArchiveClient : IDisposable
{
    private const string Everything = "everything";

    private readonly string keysPath;

    public ArchiveClient(string url, string keysPath, HttpMessageHandler? handler = null)
    {
        this.keysPath = keysPath;
        Http = new HttpClient(handler ?? new SocketsHttpHandler()) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(10) };
    }

    public HttpClient Http { get; }

    /// <summary>A token from the built-in issuer.</summary>
    public async Task<string> TokenAsync(string actions, string location = Everything, string purpose = "TREAT", int expiresIn = 86400)
    {
        var admin = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(keysPath, "admin.json")))!;
        var details = new JsonArray(new JsonObject
        {
            ["type"] = "securestore_study",
            ["actions"] = new JsonArray([.. actions.Split(',').Select(action => (JsonNode)action)]),
            ["locations"] = new JsonArray(location),
            ["purpose_of_use"] = purpose,
        });
        using var response = await Http.PostAsync(new Uri("/oauth2/token", UriKind.Relative), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = (string)admin["client_id"]!,
            ["client_secret"] = (string)admin["client_secret"]!,
            ["authorization_details"] = details.ToJsonString(),
            ["expires_in"] = expiresIn.ToString(),
        }));
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return body.TryGetProperty("access_token", out var token)
            ? token.GetString()!
            : throw new InvalidOperationException($"No token: {(int)response.StatusCode} {body}");
    }

    /// <summary>Presents a token with every request from here on.</summary>
    public async Task<ArchiveClient> WithTokenAsync(string actions = "store,search,read", string location = Everything)
    {
        Use(await TokenAsync(actions, location));
        return this;
    }

    public void Use(string? token) =>
        Http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

    /// <summary>STOW-RS of whole instances.</summary>
    public async Task<(int Status, JsonElement Body)> StoreAsync(string? study, params IEnumerable<byte[]> instances)
    {
        using var content = Multipart(instances);
        using var response = await Http.PostAsync(Uri(study is null ? "/dicom-web/studies" : $"/dicom-web/studies/{study}"), content);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    public static MultipartContent Multipart(IEnumerable<byte[]> instances)
    {
        var content = new MultipartContent("related", "part-" + Guid.NewGuid().ToString("N"));
        content.Headers.ContentType!.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
        foreach (var instance in instances)
        {
            var part = new ByteArrayContent(instance);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            content.Add(part);
        }

        return content;
    }

    public async Task<(int Status, byte[] Body)> GetAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri(path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>The stored file of one instance.</summary>
    public async Task<(int Status, byte[] Body)> FetchAsync(string study, string series, string instance) =>
        await GetAsync($"/dicom-web/studies/{study}/series/{series}/instances/{instance}", "application/dicom; transfer-syntax=*");

    public async Task<(int Status, JsonElement Body)> JsonAsync(string path, string accept = "application/dicom+json")
    {
        var (status, body) = await GetAsync(path, accept);
        return (status, status == 200 ? JsonDocument.Parse(body).RootElement : default);
    }

    public void Dispose() => Http.Dispose();

    private static Uri Uri(string path) => new(path, UriKind.Relative);
}
