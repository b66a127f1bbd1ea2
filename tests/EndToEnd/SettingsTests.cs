namespace SecureStore.EndToEnd;

/// <summary>What is wrong stops the start with one sentence that names the setting; nothing is made anew by accident.</summary>
public class SettingsTests
{
    [Theory]
    [InlineData("Vault:Provider=Cloud", "Vault:Provider")]
    [InlineData("Catalog:Provider=Oracle", "Catalog:Provider")]
    [InlineData("Objects:Provider=Tape", "Objects:Provider")]
    [InlineData("Vault:BackupWindow=-1.00:00:00", "Vault:BackupWindow")]
    [InlineData("Retention:Grace=-1.00:00:00", "Retention:Grace")]
    [InlineData("Retention:Default=ten years", "Retention:Default")]
    [InlineData("Retention:Rules:0:Keep=P10Y", "Retention:Rules:0:Name")]
    [InlineData("Identity:OnMismatch=Guess", "Identity:OnMismatch")]
    [InlineData("Objects:OrphanGrace=00:00:01", "Objects:OrphanGrace")]
    [InlineData("Audit:AcceptHead=-1", "Audit:AcceptHead")]
    [InlineData("Keys:Path=data/keys", "Keys:Path")]
    [InlineData("urls=http://0.0.0.0:0", "urls")]
    public async Task A_wrong_setting_stops_a_first_start_and_leaves_nothing_behind(string setting, string named)
    {
        using var folder = new TemporaryFolder();
        await RefusedAsync(folder.Path, named, setting);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Keys_that_are_missing_or_open_to_others_or_damaged_stop_the_start()
    {
        using var folder = new TemporaryFolder();
        await using (await ServerProcess.StartAsync(folder.Path))
        {
        }

        var (keys, away) = (folder["keys"], folder["away"]);
        var before = Snapshot(folder.Path);

        Directory.Move(keys, away);
        await RefusedAsync(folder.Path, "Keys:Path");
        Assert.False(Directory.Exists(keys));
        Directory.Move(away, keys);

        var root = Path.Combine(keys, "root.key");
        File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await RefusedAsync(folder.Path, "Keys:Path");
        File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var key = await File.ReadAllBytesAsync(root);
        await File.WriteAllBytesAsync(root, key[..16]);
        await RefusedAsync(folder.Path, "Keys:Path");
        await File.WriteAllBytesAsync(root, [.. key[..^1], (byte)(key[^1] ^ 1)]);
        await RefusedAsync(folder.Path, "Keys:Path");
        await File.WriteAllBytesAsync(root, key);

        Directory.Move(folder["data"], away);
        await RefusedAsync(folder.Path, "Data:Path");
        Assert.False(File.Exists(Path.Combine(folder["data"], "vault.db")));
        Directory.Move(away, folder["data"]);

        Assert.Equal(before, Snapshot(folder.Path));
        await using var server = await ServerProcess.StartAsync(folder.Path);
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        await RefusedAsync(folder.Path, "Data:Path");
    }

    private static async Task RefusedAsync(string folder, string named, params string[] settings)
    {
        var (exitCode, output) = await ServerProcess.StartInVainAsync(folder, settings);
        Assert.Equal(1, exitCode);
        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    private static string[] Snapshot(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file.Contains("keys", StringComparison.Ordinal)).Order()];
}
