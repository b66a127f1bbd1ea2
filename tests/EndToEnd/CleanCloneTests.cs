using System.Diagnostics;

namespace SecureStore.EndToEnd;

/// <summary>What a newcomer does first.</summary>
public class CleanCloneTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Long", "yes")]
    public async Task A_clean_clone_serves_in_under_90_seconds_with_restore_and_build()
    {
        using var folder = new TemporaryFolder();
        using (var clone = Process.Start("git", ["clone", "-q", Repository.Root, folder["clone"]]))
        {
            await clone.WaitForExitAsync();
            Assert.Equal(0, clone.ExitCode);
        }

        var url = $"http://localhost:{ServerProcess.FreePort()}";
        var started = Stopwatch.StartNew();
        using var run = Process.Start(new ProcessStartInfo("dotnet", ["run", "--project", "src/Silo", "--", "--urls", url])
        {
            WorkingDirectory = folder["clone"],
            RedirectStandardOutput = true,
        })!;
        try
        {
            string? line;
            do
            {
                line = await run.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(10));
            }
            while (line?.Contains("SecureStore is ready", StringComparison.Ordinal) == false);

            Assert.NotNull(line);
            Assert.InRange(started.Elapsed, TimeSpan.Zero, Limit);
            using var client = new ArchiveClient(url, folder["clone/keys"]);
            Assert.Equal(401, (await client.GetAsync("/dicom-web/studies", "*/*")).Status);
        }
        finally
        {
            run.Kill(entireProcessTree: true);
            await run.WaitForExitAsync();
        }
    }
}
