using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace SecureStore.Bench;

/// <summary>The client that all servers are measured with. It reads answers to their end and keeps nothing of them.</summary>
internal sealed class DicomWebClient(Uri address) : IDisposable
{
    private const string StoredDicom = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    private const string StoredFrames = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";

    private readonly HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
    private readonly byte[] buffer = new byte[1 << 20];

    /// <summary>What <see cref="AuthorizeAsync"/> was given.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Asks SecureStore's issuer for a token that allows everything a benchmark does.</summary>
    public async Task AuthorizeAsync(string adminFile)
    {
        await using var file = File.OpenRead(adminFile);
        var admin = await JsonSerializer.DeserializeAsync<JsonElement>(file);
        using var fields = new FormUrlEncodedContent(new Dictionary<string, string?>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = admin.GetProperty("client_id").GetString(),
            ["client_secret"] = admin.GetProperty("client_secret").GetString(),
            ["expires_in"] = "86400",
            ["authorization_details"] =
                """[{"type":"securestore_study","actions":["store","search","read"],"locations":["everything"],"purpose_of_use":"TREAT"}]""",
        });
        using var response = await http.PostAsync(new Uri("oauth2/token", UriKind.Relative), fields);
        response.EnsureSuccessStatusCode();
        Token = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>STOW-RS; anything but "all stored" is an error.</summary>
    public async Task StoreAsync(MultipartInstances instances)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("dicom-web/studies", UriKind.Relative)) { Content = instances };
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom+json");
        using var response = await http.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        response.EnsureSuccessStatusCode();
    }

    /// <summary>QIDO-RS for studies.</summary>
    /// <returns>The answer.</returns>
    public async Task<byte[]> SearchAsync(string query)
    {
        using var request = Request($"dicom-web/studies?{query}", "application/dicom+json");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>WADO-RS of all stored bytes of a study.</summary>
    /// <returns>The answer's length in bytes.</returns>
    public Task<long> RetrieveAsync(string study) => ReadAsync($"dicom-web/studies/{study}", StoredDicom);

    /// <inheritdoc cref="RetrieveAsync"/>
    public Task<long> MetadataAsync(string study, string series) =>
        ReadAsync($"dicom-web/studies/{study}/series/{series}/metadata", "application/dicom+json");

    public async Task<int> CountMetadataAsync(string study, string series)
    {
        using var request = Request($"dicom-web/studies/{study}/series/{series}/metadata", "application/dicom+json");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetArrayLength();
    }

    /// <inheritdoc cref="RetrieveAsync"/>
    public Task<long> FrameAsync(string study, string series, string instance, int frame) =>
        ReadAsync($"dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frame}", StoredFrames);

    /// <summary>Asks for a certificate of destruction that there is not: the study's owner is asked, and nothing is read or written for it.</summary>
    public async Task NoCertificateAsync(string study)
    {
        using var response = await http.GetAsync(new Uri($"api/studies/{study}/certificate", UriKind.Relative));
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            throw new InvalidDataException($"A study that is there has a certificate of destruction: {response.StatusCode}.");
        }
    }

    /// <summary>Where callers of this machine may have them without a token (<c>Metrics:Loopback</c>).</summary>
    public async Task<string> MetricsAsync()
    {
        using var stranger = new HttpClient();
        return await stranger.GetStringAsync(new Uri(address, "metrics"));
    }

    public void Dispose() => http.Dispose();

    private async Task<long> ReadAsync(string path, string accept)
    {
        using var request = Request(path, accept);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        var length = 0L;
        while (await body.ReadAsync(buffer) is var read and > 0)
        {
            length += read;
        }

        return length;
    }

    private static HttpRequestMessage Request(string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }
}
