using System.Buffers.Text;
using SecureStore.Grains.Storage;
using System.Security.Cryptography;
using System.Text.Json;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Storage;

namespace SecureStore.Silo.Tokens;

/// <summary>The first client of the built-in issuer, whose credentials stand in <c>admin.json</c> beside the keys.</summary>
internal static class AdminClient
{
    public const string FileName = "admin.json";

    private const string ClientId = "admin";
    private const int SecretSize = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Makes the credentials file (only its owner may read it) and the client. A file that is there already, from a first
    /// start that was cut off, is taken as it is.
    /// </summary>
    /// <exception cref="SettingException">The file cannot be written, or is not one that this made.</exception>
    /// <exception cref="Grains.Storage.StorageUnavailableException">The client was not stored.</exception>
    public static async Task CreateAsync(string keysPath, TokenStore store, CancellationToken cancellation = default)
    {
        var file = Path.Combine(keysPath, FileName);
        try
        {
            var credentials = File.Exists(file) ? Read(file) : Write(file);
            await store.SetClientAsync(credentials.ClientId, credentials.ClientSecret, cancellation);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SettingException($"Keys:Path holds no {FileName} that can be used, and none can be made there.");
        }
    }

    private static Credentials Read(string file) =>
        JsonSerializer.Deserialize<Credentials>(File.ReadAllBytes(file), Form) is { ClientId.Length: > 0, ClientSecret.Length: > 0 } found
            ? found
            : throw new JsonException();

    private static Credentials Write(string file)
    {
        var made = new Credentials(ClientId, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretSize)));
        var unfinished = file + ".new";
        File.Delete(unfinished);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            creation.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(unfinished, creation))
        {
            JsonSerializer.Serialize(stream, made, Form);
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, file);
        Durable.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        return made;
    }

    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true };

    private sealed record Credentials(string ClientId, string ClientSecret)
    {
        public override string ToString() => nameof(Credentials);
    }
}
