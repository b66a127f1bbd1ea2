using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using SecureStore.Silo.Hosting;

namespace SecureStore.EndToEnd.Deploy;

/// <summary>The handbook's commands do what it says.</summary>
public class HandbookTests
{
    [Fact]
    public async Task The_certificate_commands_make_what_a_silo_accepts()
    {
        using var folder = new TemporaryFolder();
        var handbook = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/operations.md"));
        var block = Assert.Single(Regex.Matches(handbook, @"^```bash\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)).Groups[1].Value;
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-e", "-o", "pipefail", "-c", block])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var said = string.Concat(await Task.WhenAll(shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync()));
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, said);
        foreach (var silo in (string[])["silo-1", "silo-2", "silo-3"])
        {
            var settings = new ClusterSettings
            {
                Id = "securestore",
                Database = "",
                Endpoint = new(System.Net.IPAddress.Loopback, 11111),
                Certificate = folder[$"{silo}.pem"],
                CertificateKey = folder[$"{silo}.key"],
                Authority = folder["authority.pem"],
            };
            Assert.Null(Record.Exception(() => new ClusterIdentity(settings, TimeProvider.System, NullLogger<ClusterIdentity>.Instance)));
            Assert.Throws<SettingException>(() => new ClusterIdentity(
                settings with { Id = "another" }, TimeProvider.System, NullLogger<ClusterIdentity>.Instance));
        }
    }

    [Theory]
    [InlineData("docs/operations.md")]
    [InlineData("docs/capacity.md")]
    [InlineData("docs/settings.md")]
    [InlineData("deploy/README.md")]
    [InlineData("README.md")]
    public async Task What_a_page_links_to_is_there(string page)
    {
        var file = Path.Combine(Repository.Root, page);
        foreach (Match link in Regex.Matches(await File.ReadAllTextAsync(file), @"\]\(([^)#:]+)(#[^)]*)?\)"))
        {
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value)), $"{page} links to {link.Groups[1].Value}.");
        }
    }
}
