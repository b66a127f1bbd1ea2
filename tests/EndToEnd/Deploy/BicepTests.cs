using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace SecureStore.EndToEnd.Deploy;

/// <summary>The template of deploy/azure compiles without a word, and lets nobody in from outside.</summary>
public class BicepTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_template_compiles_without_warnings_or_network_and_nothing_in_it_is_public()
    {
        using var folder = new TemporaryFolder();
        var compiled = folder["main.json"];
        var compiler = typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "Bicep").Value!;
        var start = new ProcessStartInfo(compiler)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList = { "build", "--no-restore", Path.Combine(Repository.Root, "deploy/azure/main.bicep"), "--outfile", compiled },
            // Whatever it wanted from outside would fail.
            Environment = { ["HTTPS_PROXY"] = "http://127.0.0.1:9", ["HTTP_PROXY"] = "http://127.0.0.1:9", ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        };
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync()).WaitAsync(Limit);
        await process.WaitForExitAsync();
        Assert.Equal(["", ""], said);
        Assert.Equal(0, process.ExitCode);

        using var template = JsonDocument.Parse(await File.ReadAllTextAsync(compiled));
        var resources = Resources(template.RootElement).ToList();
        foreach (var type in (string[])["Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"])
        {
            var some = resources.Where(one => Text(one, "type") == type).ToList();
            Assert.NotEmpty(some);
            Assert.All(some, one => Assert.Equal("Disabled", Text(one.GetProperty("properties"), "publicNetworkAccess")));
            Assert.All(some, one => Assert.Equal("Deny", Text(one.GetProperty("properties").GetProperty("networkAcls"), "defaultAction")));
        }

        var objects = Assert.Single(resources, one => Text(one, "type") == "Microsoft.Storage/storageAccounts" && Text(one, "kind") == "StorageV2");
        Assert.False(objects.GetProperty("properties").GetProperty("allowBlobPublicAccess").GetBoolean());
        var databases = Assert.Single(resources, one => Text(one, "type") == "Microsoft.DBforPostgreSQL/flexibleServers");
        Assert.Equal("Disabled", Text(databases.GetProperty("properties").GetProperty("network"), "publicNetworkAccess"));
        Assert.Equal("[length(variables('databaseServers'))]", Text(databases.GetProperty("copy"), "count"));
        var cluster = Assert.Single(resources, one => Text(one, "type") == "Microsoft.ContainerService/managedClusters").GetProperty("properties");
        Assert.True(cluster.GetProperty("apiServerAccessProfile").GetProperty("enablePrivateCluster").GetBoolean());
        Assert.True(cluster.GetProperty("disableLocalAccounts").GetBoolean());
        Assert.DoesNotContain("listKeys", template.RootElement.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<JsonElement> Resources(JsonElement template) => template.GetProperty("resources") is { ValueKind: JsonValueKind.Object } named
        ? named.EnumerateObject().Select(one => one.Value)
        : template.GetProperty("resources").EnumerateArray();

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetString() : null;
}
