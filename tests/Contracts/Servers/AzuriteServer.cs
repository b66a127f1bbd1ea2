using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SecureStore.Contracts.Servers;

/// <summary>
/// Azurite's blob service as a process of its own, on a free loopback port, over a folder that goes with it. It is never
/// killed, for it keeps what it has acknowledged in memory for up to 5 s: it is asked to end.
/// </summary>
public sealed partial class AzuriteServer : IAsyncDisposable
{
    private const string Account = "securestore";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("azurite-");
    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private Process? process;
    private int port;
    private bool paused;

    private AzuriteServer()
    {
    }

    /// <summary>Of the one account, whose key is this server's alone.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};BlobEndpoint=http://127.0.0.1:{port}/{Account};";

    /// <summary>Starts one with nothing in it.</summary>
    /// <exception cref="InvalidOperationException">It is not installed (<c>npm ci</c> in tests/npm), or does not start.</exception>
    public static async Task<AzuriteServer> StartAsync()
    {
        var server = new AzuriteServer();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it after <see cref="StopAsync"/>, on the same port and with what it had.</summary>
    public async Task StartAgainAsync()
    {
        var program = Path.Combine(NpmFolder(), "node_modules", "azurite", "dist", "src", "blob", "main.js");
        if (!File.Exists(program))
            throw new InvalidOperationException("Azurite is not installed: run npm ci in tests/npm.");
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                program, "--blobHost", "127.0.0.1", "--blobPort", $"{port}", "--location", folder.FullName, "--silent", "--disableTelemetry",
            },
            Environment = { ["AZURITE_ACCOUNTS"] = $"{Account}:{key}" },
        };
        var listening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringBuilder();
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"Azurite did not start: {output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        port = await listening.Task.WaitAsync(StartLimit);

        void Read(string? line)
        {
            lock (output)
                output.AppendLine(line);
            if (line is not null && Listening().Match(line) is { Success: true } match)
                listening.TrySetResult(int.Parse(match.Groups[1].ValueSpan));
        }
    }

    /// <summary>Ends it as its administrator would; what it has acknowledged is kept.</summary>
    public async Task StopAsync()
    {
        if (process is null)
            return;
        if (!process.HasExited)
        {
            Resume();
            Signals.AskToEnd(process);
            await process.WaitForExitAsync().WaitAsync(StopLimit);
        }

        process.Dispose();
        process = null;
    }

    /// <summary>It takes connections and answers nothing, until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        Signals.Pause(process!);
        paused = true;
    }

    public void Resume()
    {
        if (paused)
            Signals.Resume(process!);
        paused = false;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }

    private static string NpmFolder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "SecureStore.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return Path.Combine(root.FullName, "tests", "npm");
    }

    [GeneratedRegex(@"successfully listens on http://[^:]+:(\d+)")]
    private static partial Regex Listening();
}
