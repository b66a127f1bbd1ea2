using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Hosting;

/// <summary>What the start says once the archive serves: where it listens, where data and keys are, and what to type next.</summary>
internal static class Banner
{
    public static string Text(Settings settings, IEnumerable<string> addresses, string workingFolder)
    {
        var listening = addresses.ToList();
        var url = listening.FirstOrDefault() ?? Settings.DefaultUrl;
        var server = url == Settings.DefaultUrl ? "" : $" --url {url}";
        var admin = Path.Combine(settings.KeysPath, AdminClient.FileName);
        var adminOption = admin == Path.Combine(workingFolder, "keys", AdminClient.FileName) ? "" : $" --admin {Quote(admin)}";
        return $"""

            SecureStore is ready
              listens on  {string.Join(", ", listening.Select(one => one + "/dicom-web").Concat(settings.Dimse.EndPoints.Select(one => $"dicom://{one} ({settings.Dimse.AeTitle})")))}
              data        {Data(settings)}
              keys        {settings.KeysPath}   keep a copy in a safe place: nobody can open the data without them

            Next, in another terminal:
              export SECURESTORE_TOKEN=$(dotnet run --project src/Client -- token issue --actions store,search,read --purpose TREAT{adminOption}{server})
              dotnet run --project src/Client -- store samples{server}
              dotnet run --project src/Client -- search{server}

            """;
    }

    private static string Data(Settings settings) => (settings.Storage.PostgreSql, settings.Storage.AzureBlob) switch
    {
        (null, null) => settings.DataPath,
        (null, { } blobs) => $"{settings.DataPath}, and the Azure container {blobs.Container}",
        (_, null) => $"PostgreSQL, and {settings.DataPath}",
        (_, { } blobs) => $"PostgreSQL, and the Azure container {blobs.Container}" + (settings.Cluster is { } cluster ? $"; cluster {cluster.Id}" : ""),
    };

    private static string Quote(string path) => path.Any(c => !char.IsLetterOrDigit(c) && c is not ('/' or '.' or '-' or '_'))
        ? $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'"
        : path;
}
