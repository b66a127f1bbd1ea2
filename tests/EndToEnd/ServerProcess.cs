using System.Diagnostics;
using System.Net;
using System.Text;
using SecureStore.Contracts.Servers;

namespace SecureStore.EndToEnd;

/// <summary>The archive as its users run it: a process of its own, with data and keys in a folder.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(240);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly StringBuilder output;

    private ServerProcess(Process process, StringBuilder output, string folder, string url)
    {
        (this.process, this.output) = (process, output);
        (Folder, Url) = (folder, url);
    }

    public string Folder { get; }

    public string Url { get; }

    public int Id => process.Id;

    public string DataPath => Path.Combine(Folder, "data");

    public string KeysPath => Path.Combine(Folder, "keys");

    /// <summary>Everything that the process has printed, both streams.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>The largest resident set so far, in bytes.</summary>
    public long PeakResidentSet
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts in the folder itself, with its data and keys there.</summary>
    public static Task<ServerProcess> StartAsync(string folder, params string[] settings) => StartInAsync(folder, folder, null, settings);

    /// <summary>Starts in a network namespace (<c>ip netns</c>), listening at an address of its own.</summary>
    public static Task<ServerProcess> StartInNetworkAsync(string network, string url, string folder, params string[] settings) =>
        StartAsync(folder, folder, url, network, null, settings);

    /// <param name="workingFolder">Where it is started.</param>
    /// <param name="folder">Where the settings put its data and keys.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="settings">Section:Key=value.</param>
    public static Task<ServerProcess> StartInAsync(
        string workingFolder, string folder, IReadOnlyDictionary<string, string>? environment, params string[] settings) =>
        StartAsync(workingFolder, folder, $"http://localhost:{FreePort()}", null, environment, settings);

    private static async Task<ServerProcess> StartAsync(
        string workingFolder, string folder, string url, string? network, IReadOnlyDictionary<string, string>? environment, string[] settings)
    {
        var (process, output) = Launch(workingFolder, url, settings, environment, network);
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            // The banner's last line.
            if (line.Data?.Contains("src/Client -- search", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult(true);
            }
        };
        process.Exited += (_, _) => ready.TrySetResult(false);
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new ServerProcess(process, output, folder, url);
        using var limit = new CancellationTokenSource(StartLimit);
        await using var late = limit.Token.Register(() => ready.TrySetResult(false));
        if (!process.HasExited && await ready.Task)
        {
            return server;
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("The server did not start: " + server.Output);
    }

    /// <summary>Starts with settings that must not work.</summary>
    /// <returns>The exit code, and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> StartInVainAsync(string folder, params string[] settings)
    {
        var (process, output) = Launch(folder, $"http://localhost:{FreePort()}", settings);
        using (process)
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            using var limit = new CancellationTokenSource(StartLimit);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }
            }

            lock (output)
            {
                return (process.ExitCode, output.ToString());
            }
        }
    }

    public bool HasEnded => process.HasExited;

    public Task EndedAsync(CancellationToken cancellation) => process.WaitForExitAsync(cancellation);

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signals.Pause(process);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signals.Resume(process);

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync()
    {
        Signals.AskToEnd(process);
        await process.WaitForExitAsync().WaitAsync(StopLimit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static (Process Process, StringBuilder Output) Launch(
        string folder, string url, string[] settings, IReadOnlyDictionary<string, string>? environment = null, string? network = null)
    {
        string[] within = network is null ? [] : ["ip", "netns", "exec", network];
        string[] command = [.. within, "dotnet", Repository.SiloProgram, "--urls", url];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        // Several run at once: no port that is always the same one, unless a test asks for it.
        foreach (var setting in settings.Prepend("Dimse:Port=0"))
        {
            start.ArgumentList.Add("--" + setting);
        }

        var output = new StringBuilder();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        return (process, output);

        void Keep(string? line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    }

    public static int FreePort() => FreePorts.Next();
}
