using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace SecureStore.EndToEnd;

/// <summary>securestore fsck against an archive on whose disk somebody has done damage.</summary>
public sealed class FsckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Damage_on_the_disk_is_found_and_repaired_and_a_second_check_is_clean()
    {
        var (whole, damaged, moved) = (
            new TestInstance { PatientId = "A" }, new TestInstance { PatientId = "B", Rows = 200, Columns = 200 }, new TestInstance { PatientId = "C" });
        var second = damaged with { Instance = damaged.Instance + ".2" };
        await using (var server = await ServerProcess.StartAsync(folder.Path))
        {
            using var client = await new ArchiveClient(server.Url, server.KeysPath).WithTokenAsync();
            foreach (var one in new[] { whole, damaged, second, moved })
            {
                Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
            }

            var before = await Programs.SecureStoreAsync(server, "administer", "fsck", "--repair");
            Assert.Equal((0, ""), (before.ExitCode, before.Output));
            await server.KillAsync();
        }

        var objects = Path.Combine(folder["data"], "objects");
        var segment = Directory.GetFiles(objects, "*.seg", SearchOption.AllDirectories).MaxBy(file => new FileInfo(file).Length)!;
        await FlipAsync(segment, 1000);
        var orphan = Path.Combine(Path.GetDirectoryName(segment)!, Guid.NewGuid().ToString("N") + ".seg");
        await File.WriteAllBytesAsync(orphan, new byte[1000]);
        File.SetLastWriteTimeUtc(orphan, DateTime.UtcNow.AddDays(-2));
        await ExecuteAsync("catalog.db", "UPDATE studies SET due_day = due_day + 4000 WHERE study NOT IN (SELECT study FROM instances GROUP BY study HAVING count(*) > 1)");

        await using var again = await ServerProcess.StartAsync(folder.Path);
        using var reader = await new ArchiveClient(again.Url, again.KeysPath).WithTokenAsync();
        var found = await Programs.SecureStoreAsync(again, "administer", "fsck", "--json");
        Assert.Equal(1, found.ExitCode);
        Assert.Equal(
            ["damaged_object found", "orphan_segment found", "wrong_due_day found", "wrong_due_day found"],
            Lines(found.Output).Where(line => Text(line, "type") == "finding").Select(line => $"{Text(line, "kind")} {Text(line, "outcome")}").Order());
        Assert.True(File.Exists(orphan));

        var repaired = await Programs.SecureStoreAsync(again, "administer", "fsck", "--repair");
        Assert.Equal(0, repaired.ExitCode);
        Assert.Contains("4 findings, 3 repaired, 1 put into quarantine, 0 left", repaired.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(orphan));

        var clean = await Programs.SecureStoreAsync(again, "administer", "fsck", "--json");
        Assert.Equal(0, clean.ExitCode);
        var lost = Assert.Single(Lines(clean.Output), line => Text(line, "type") == "quarantined");
        Assert.Equal(damaged.Study, Text(lost, "study_instance_uid"));

        Assert.Equal(await whole.FileAsync(), (await reader.FetchAsync(whole.Study, whole.Series, whole.Instance)).Body);
        Assert.Equal(await moved.FileAsync(), (await reader.FetchAsync(moved.Study, moved.Series, moved.Instance)).Body);
        var (gone, kept) = Text(lost, "sop_instance_uid") == damaged.Instance ? (damaged, second) : (second, damaged);
        Assert.Equal(410, (await reader.FetchAsync(gone.Study, gone.Series, gone.Instance)).Status);
        Assert.Equal(await kept.FileAsync(), (await reader.FetchAsync(kept.Study, kept.Series, kept.Instance)).Body);
        Assert.Equal(206, (await reader.GetAsync($"/dicom-web/studies/{damaged.Study}", "multipart/related; type=\"application/dicom\"; transfer-syntax=*")).Status);
        Assert.Equal(2, (await reader.JsonAsync($"/dicom-web/studies/{damaged.Study}/metadata")).Body.GetArrayLength());
        var fetched = await Programs.SecureStoreAsync(again, "read", "fetch", damaged.Study, "-o", "out");
        Assert.Equal(1, fetched.ExitCode);
        Assert.StartsWith("fetched 1, failed 1", fetched.Output, StringComparison.Ordinal);

        Assert.Equal(200, (await reader.StoreAsync(null, await gone.FileAsync())).Status);
        Assert.Equal(await gone.FileAsync(), (await reader.FetchAsync(gone.Study, gone.Series, gone.Instance)).Body);
        var log = await Programs.SecureStoreAsync(again, "audit", "audit", "show", "--json", "--limit", "1000");
        Assert.Equal(4, Lines(log.Output).Count(line => Text(line, "action") == "FsckRepair"));
        var healed = await Programs.SecureStoreAsync(again, "administer", "fsck", "--json");
        Assert.Equal(["begin", "end"], Lines(healed.Output).Select(line => Text(line, "type")));
    }

    [Fact]
    public async Task Only_who_may_administer_everything_checks()
    {
        await using var server = await ServerProcess.StartAsync(folder.Path);
        foreach (var actions in new[] { "store,search,read,destroy,audit", "hold" })
        {
            var refused = await Programs.SecureStoreAsync(server, actions, "fsck", "--repair");
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        }

        using var client = new ArchiveClient(server.Url, server.KeysPath);
        using (var response = await client.Http.PostAsync(new Uri("/api/fsck", UriKind.Relative), null))
        {
            Assert.Equal(401, (int)response.StatusCode);
        }

        Assert.Equal(2, (await Programs.SecureStoreAsync(server, "administer", "fsck", "--mend")).ExitCode);
    }

    private async Task ExecuteAsync(string database, string change)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder["data"], database)};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = change;
        Assert.True(await command.ExecuteNonQueryAsync() > 0);
    }

    private static async Task FlipAsync(string path, long at)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }

    private static List<JsonElement> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string? Text(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.ToString() : null;
}
