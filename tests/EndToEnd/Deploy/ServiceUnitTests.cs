using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SecureStore.EndToEnd.Deploy;

/// <summary>The systemd unit and the image keep the keys in: no core, no swap, no rights to gain, one place to write.</summary>
public class ServiceUnitTests
{
    private static readonly string Unit = Path.Combine(Repository.Root, "deploy/systemd/securestore.service");

    [Theory]
    [InlineData("LimitCORE", "0")]
    [InlineData("MemorySwapMax", "0")]
    [InlineData("NoNewPrivileges", "yes")]
    [InlineData("ProtectSystem", "strict")]
    [InlineData("StateDirectoryMode", "0700")]
    [InlineData("UMask", "0077")]
    [InlineData("CapabilityBoundingSet", "")]
    public void What_keeps_the_keys_in_is_set(string setting, string value) =>
        Assert.Contains($"{setting}={value}", File.ReadAllLines(Unit));

    [Fact]
    public void Keys_and_data_are_in_state_directories_that_do_not_lie_in_one_another()
    {
        var lines = File.ReadAllLines(Unit);
        var state = Assert.Single(lines, line => line.StartsWith("StateDirectory=", StringComparison.Ordinal)).Split('=')[1].Split(' ');
        foreach (var name in (string[])["Data", "Keys"])
        {
            var path = Assert.Single(lines, line => line.StartsWith($"Environment=SECURESTORE_{name}__Path=", StringComparison.Ordinal)).Split('=')[2];
            Assert.Single(state, folder => path.StartsWith($"/var/lib/{folder}/", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_the_unit()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd is not installed.");
        Assert.Equal((0, ""), await RunAsync("verify", Unit));
        var (exit, output) = await RunAsync("security", "--offline=yes", "--threshold=20", Unit);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void The_image_has_no_shell_and_no_root_and_the_projects_settings_make_the_same_one()
    {
        var file = File.ReadAllText(Path.Combine(Repository.Root, "deploy/Containerfile"));
        Assert.Matches(new Regex(@"FROM \S+aspnet:10\.0-noble-chiseled AS final[\s\S]*USER \$APP_UID"), file);
        var project = File.ReadAllText(Path.Combine(Repository.Root, "src/Silo/SecureStore.Silo.csproj"));
        Assert.Contains("<ContainerFamily>noble-chiseled</ContainerFamily>", project, StringComparison.Ordinal);
        foreach (var copied in Regex.Matches(file, @"^COPY (?!--)(.+) \S+$", RegexOptions.Multiline).SelectMany(line => line.Groups[1].Value.Split(' ')))
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, copied)), copied);
        }
    }

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }
}
