using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Npgsql;
using SecureStore.Contracts.Servers;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.EndToEnd;

/// <summary>The commands of docs/operations-backup.md, as they stand there: a backup of a running archive, restored on a machine that has nothing.</summary>
public sealed partial class BackupTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_restored_archive_serves_every_study_that_was_not_destroyed()
    {
        var (kept, doomed, late) = (
            new TestInstance { PatientId = "KEPT" }, new TestInstance { PatientId = "DOOMED" }, new TestInstance { PatientId = "LATE" });
        var both = new TestInstance { PatientId = "BOTH" };
        await using (var server = await StartAsync("first"))
        {
            using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync("store,search,read,destroy");
            foreach (var one in new[] { kept, doomed })
            {
                Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
            }

            await RunAsync("backup", server.Folder);

            foreach (var one in new[] { late, both })
            {
                Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
            }

            await DestroyAsync(client, doomed);
            await DestroyAsync(client, both);
            await RunAsync("backup-audit", server.Folder);
            await server.KillAsync();
        }

        Directory.Delete(folder["first"], recursive: true);
        Directory.CreateDirectory(folder["second"]);
        await RunAsync("restore", folder["second"]);
        await using var restored = await ServerProcess.StartAsync(folder["second"]);
        using var again = await new ArchiveClient(restored.Url, restored.KeysPath).WithTokenAsync("store,search,read,destroy,audit,administer");

        Assert.Equal(await kept.FileAsync(), (await again.FetchAsync(kept.Study, kept.Series, kept.Instance)).Body);
        Assert.Equal([kept.Study], await StudiesAsync(again));
        foreach (var gone in new[] { doomed, both })
        {
            Assert.Equal(404, (await again.FetchAsync(gone.Study, gone.Series, gone.Instance)).Status);
            Assert.Equal(200, (await again.GetAsync($"/api/studies/{gone.Study}/certificate", "application/json")).Status);
            Assert.Equal(409, (await again.StoreAsync(null, await gone.FileAsync())).Status);
        }

        Assert.Equal(404, (await again.FetchAsync(late.Study, late.Series, late.Instance)).Status);
        Assert.Equal(200, (await again.StoreAsync(null, await late.FileAsync())).Status);
        Assert.Equal(2, await CountAsync(again, "DestructionReplayed"));
        Assert.Equal(2, await CountAsync(again, "\"StudyDestroyed\""));
        Assert.Equal(0, (await Programs.SecureStoreAsync(restored, "administer", "fsck")).ExitCode);
    }

    [Fact]
    public async Task A_restored_archive_on_PostgreSQL_and_Azure_Blob_serves_every_study_that_was_not_destroyed()
    {
        await using var postgres = new PostgresServer();
        await using var azurite = await AzuriteServer.StartAsync();
        var (kept, doomed, late) = (
            new TestInstance { PatientId = "KEPT" }, new TestInstance { PatientId = "DOOMED" }, new TestInstance { PatientId = "LATE" });
        var before = await DatabasesAsync(postgres);
        Directory.CreateDirectory(folder["first"]);
        await using (var server = await ServerProcess.StartAsync(folder["first"], SettingsOf(before, azurite, "first")))
        {
            using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync("store,search,read,destroy");
            foreach (var one in new[] { kept, doomed })
            {
                Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
            }

            await RunAsync("backup-databases", server.Folder, before);
            await CopyAsync(azurite, "first", "backup");
            await RunAsync("backup-audit-schema", server.Folder, before);
            await RunAsync("backup-keys", server.Folder, before);
            Assert.Equal(200, (await client.StoreAsync(null, await late.FileAsync())).Status);
            await DestroyAsync(client, doomed);
            await RunAsync("backup-audit-schema", server.Folder, before);
            await server.KillAsync();
        }

        Directory.Delete(folder["first"], recursive: true);
        Directory.CreateDirectory(folder["second"]);
        var after = await DatabasesAsync(postgres);
        await RunAsync("restore-databases", folder["second"], after);
        await CopyAsync(azurite, "backup", "second");
        await using var restored = await ServerProcess.StartAsync(folder["second"], SettingsOf(after, azurite, "second"));
        using var again = await new ArchiveClient(restored.Url, restored.KeysPath).WithTokenAsync("store,search,read,audit,administer");

        Assert.Equal(await kept.FileAsync(), (await again.FetchAsync(kept.Study, kept.Series, kept.Instance)).Body);
        Assert.Equal([kept.Study], await StudiesAsync(again));
        Assert.Equal(404, (await again.FetchAsync(doomed.Study, doomed.Series, doomed.Instance)).Status);
        Assert.Equal(409, (await again.StoreAsync(null, await doomed.FileAsync())).Status);
        Assert.Equal(200, (await again.StoreAsync(null, await late.FileAsync())).Status);
        Assert.Equal(1, await CountAsync(again, "DestructionReplayed"));
        Assert.Equal(0, (await Programs.SecureStoreAsync(restored, "administer", "fsck")).ExitCode);
    }

    [Fact]
    public async Task Nothing_is_replayed_where_nothing_was_restored_and_a_kill_changes_nothing()
    {
        var one = new TestInstance();
        await using (var server = await ServerProcess.StartAsync(folder.Path))
        {
            using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync("store,destroy");
            await client.StoreAsync(null, await one.FileAsync());
            await DestroyAsync(client, one);
            await server.KillAsync();
        }

        await using var again = await ServerProcess.StartAsync(folder.Path);
        using var reader = await new ArchiveClient(again.Url, again.KeysPath).WithTokenAsync("audit");
        Assert.Equal(0, await CountAsync(reader, "DestructionReplayed"));
    }

    [Fact]
    public async Task A_log_older_than_the_newest_that_was_seen_is_gone_on_with_on_an_operators_word_alone()
    {
        await using (var server = await StartAsync("first"))
        {
            using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync("store");
            await client.StoreAsync(null, await new TestInstance().FileAsync());
            await RunAsync("backup-audit", server.Folder);
            await server.KillAsync();
        }

        // The start that follows sees the log's head, and keeps it in the vault.
        await using (await ServerProcess.StartAsync(folder["first"]))
        {
        }

        var audit = Path.Combine(folder["first"], "data", "audit.db");
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(audit)!, "audit.db*"))
        {
            File.Delete(file);
        }

        File.Copy(folder["backup-audit/audit.db"], audit);
        var (exitCode, output) = await ServerProcess.StartInVainAsync(folder["first"]);
        Assert.Equal(1, exitCode);
        var size = long.Parse(AcceptedSize().Match(output).Groups[1].Value);
        Assert.Equal(1, (await ServerProcess.StartInVainAsync(folder["first"], $"Audit:AcceptHead={size + 1}")).ExitCode);
        Assert.Equal(1, (await ServerProcess.StartInVainAsync(folder["first"], "Audit:AcceptHead=all")).ExitCode);

        await using (await ServerProcess.StartAsync(folder["first"], $"Audit:AcceptHead={size}"))
        {
        }

        await using var on = await ServerProcess.StartAsync(folder["first"]);
        using var reader = await new ArchiveClient(on.Url, on.KeysPath).WithTokenAsync("audit");
        Assert.Equal(1, await CountAsync(reader, $"Audit:AcceptHead={size}"));
    }

    [GeneratedRegex(@"Audit:AcceptHead=(\d+)")]
    private static partial Regex AcceptedSize();

    private Task<ServerProcess> StartAsync(string name)
    {
        Directory.CreateDirectory(folder[name]);
        return ServerProcess.StartAsync(folder[name]);
    }

    /// <summary>Runs a block of the document with the folders that it names.</summary>
    private async Task RunAsync(string block, string archive, (string Catalog, string Vault) databases = default)
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations-backup.md"));
        var commands = Regex.Match(document, $"^```sh {block}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        Assert.NotEqual("", commands);
        var (exitCode, _, errors) = await Programs.RunAsync(
            "/bin/bash", ["-c", "set -e\n" + commands], folder.Path,
            ("DATA", Path.Combine(archive, "data")), ("KEYS", Path.Combine(archive, "keys")), ("BACKUP", folder["backup"]),
            ("VAULT_BACKUP", folder["backup-vault"]), ("AUDIT_BACKUP", folder["backup-audit"]), ("KEYS_BACKUP", folder["backup-keys"]),
            ("CATALOG_URI", UriOf(databases.Catalog)), ("VAULT_URI", UriOf(databases.Vault)));
        Assert.True(exitCode == 0, $"{block}: {errors}");
    }

    private static async Task<(string Catalog, string Vault)> DatabasesAsync(PostgresServer postgres) =>
        (await postgres.CreateDatabaseAsync(), await postgres.CreateDatabaseAsync());

    private static string[] SettingsOf((string Catalog, string Vault) databases, AzuriteServer azurite, string container) =>
    [
        "Catalog:Provider=PostgreSql", $"ConnectionStrings:Catalog={databases.Catalog}", $"ConnectionStrings:Vault={databases.Vault}",
        "Objects:Provider=AzureBlob", $"ConnectionStrings:Objects={azurite.ConnectionString}", $"Objects:Container={container}",
    ];

    /// <summary>A database as PostgreSQL's own programs name it.</summary>
    private static string UriOf(string? connection)
    {
        var named = new NpgsqlConnectionStringBuilder(connection ?? "");
        return $"postgresql://{named.Username}@{named.Host}:{named.Port}/{named.Database}";
    }

    private static BlobContainerClient Container(AzuriteServer azurite, string name) =>
        new(azurite.ConnectionString, name, BlobCalls.Options(new AzureBlobLimits()));

    private static async Task CopyAsync(AzuriteServer azurite, string from, string to)
    {
        var (source, target) = (Container(azurite, from), Container(azurite, to));
        await target.CreateIfNotExistsAsync();
        await foreach (var blob in source.GetBlobsAsync())
        {
            var content = await source.GetBlobClient(blob.Name).DownloadContentAsync();
            await target.GetBlobClient(blob.Name).UploadAsync(content.Value.Content, overwrite: true);
        }
    }

    private static async Task DestroyAsync(ArchiveClient client, TestInstance one)
    {
        using var response = await client.Http.PostAsync(
            new Uri($"/api/studies/{one.Study}/destroy", UriKind.Relative), System.Net.Http.Json.JsonContent.Create(new { reason = "Consent withdrawn" }));
        Assert.Equal(200, (int)response.StatusCode);
    }

    private static async Task<string[]> StudiesAsync(ArchiveClient client) =>
        [.. (await client.JsonAsync("/dicom-web/studies")).Body.EnumerateArray().Select(study => study.GetProperty("0020000D").GetProperty("Value")[0].GetString()!)];

    private static async Task<int> CountAsync(ArchiveClient client, string text)
    {
        var (_, log) = await client.GetAsync("/api/audit/entries?limit=10000", "application/x-ndjson");
        return System.Text.Encoding.UTF8.GetString(log).Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));
    }
}
