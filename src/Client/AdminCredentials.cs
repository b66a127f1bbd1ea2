using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SecureStore.Client.Files;

namespace SecureStore.Client;

/// <summary>The client id and secret that the archive wrote to keys/admin.json at its first start.</summary>
public sealed class AdminCredentials
{
    const int LongestFile = 64 * 1024;

    readonly string _clientId;
    readonly string _clientSecret;

    AdminCredentials(string clientId, string clientSecret) => (_clientId, _clientSecret) = (clientId, clientSecret);

    /// <exception cref="SecureStoreException">The file is absent, open to others, or not of that form.</exception>
    public static AdminCredentials Load(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                throw new SecureStoreException($"there is no file {path} with the administrator's credentials");
            }

            if (PrivateFiles.IsOpenToOthers(path))
            {
                throw new SecureStoreException($"others can open {path}; make it yours alone with: chmod 600 {path}");
            }

            if (new FileInfo(path).Length <= LongestFile)
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path));
                if (Text(document.RootElement, "client_id") is { } id && Text(document.RootElement, "client_secret") is { } secret)
                {
                    return new AdminCredentials(id, secret);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecureStoreException($"{path} cannot be read", e);
        }
        catch (JsonException)
        {
            // Falls through to the sentence below, without the file's words.
        }

        throw new SecureStoreException($"{path} does not hold a client_id and a client_secret");
    }

    /// <summary>HTTP Basic, both halves form-encoded (RFC 6749 2.3.1).</summary>
    internal AuthenticationHeaderValue ToHeader() => new(
        "Basic",
        Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(_clientId)}:{Uri.EscapeDataString(_clientSecret)}")));

    static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
