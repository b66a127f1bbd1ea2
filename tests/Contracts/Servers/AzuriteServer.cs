using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace SecureStore.Contracts.Servers;

/// <summary>
/// Azurite's blob service as a process of its own, on a free port, over a folder that goes with it. It is never
/// killed, for it keeps what it has acknowledged in memory for up to 5 s: it is asked to end.
/// </summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    private const string Account = "securestore";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("azurite-");
    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private readonly string address;
    private readonly int port = FreePorts.Next();
    private readonly IReadOnlyDictionary<string, string> environment;
    private Process? process;
    private bool paused;

    private AzuriteServer(string address, IReadOnlyDictionary<string, string> environment) => (this.address, this.environment) = (address, environment);

    /// <summary>The address that it listens on.</summary>
    public string Url => $"http://{address}:{port}/";

    /// <summary>Where it keeps everything.</summary>
    public string Folder => folder.FullName;

    /// <summary>Of the one account, whose key is this server's alone.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};BlobEndpoint=http://{address}:{port}/{Account};";

    public int ProcessId => process?.Id ?? throw new InvalidOperationException("Azurite is not running.");

    /// <summary>Starts one with nothing in it.</summary>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="address">Where it listens.</param>
    /// <exception cref="InvalidOperationException">It is not installed (<c>npm ci</c> in tests/npm), or does not start.</exception>
    public static async Task<AzuriteServer> StartAsync(
        IReadOnlyDictionary<string, string>? environment = null, string address = "127.0.0.1")
    {
        var server = new AzuriteServer(address, environment ?? new Dictionary<string, string>());
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it after <see cref="StopAsync"/>, on the same port and with what it had.</summary>
    public async Task StartAgainAsync()
    {
        var program = RepositoryFiles.PathOf("tests/npm/node_modules/azurite/dist/src/blob/main.js");
        if (!File.Exists(program))
            throw new InvalidOperationException("Azurite is not installed: run npm ci in tests/npm.");
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                program, "--blobHost", address, "--blobPort", $"{port}", "--location", folder.FullName, "--silent", "--disableTelemetry",
            },
            Environment = { ["AZURITE_ACCOUNTS"] = $"{Account}:{key}" },
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringBuilder();
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"Azurite did not start: {output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await listening.Task.WaitAsync(StartLimit);

        void Read(string? line)
        {
            lock (output)
                output.AppendLine(line);
            if (line?.Contains("successfully listens on", StringComparison.Ordinal) == true)
                listening.TrySetResult();
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
}
