using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace SecureStore.Contracts.Servers;

/// <summary>
/// Orthanc as Debian installs it (orthanc, orthanc-dicomweb), with its defaults: a process of its own on free ports of loopback, over a folder
/// that goes with it.
/// </summary>
public sealed class OrthancServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly StringBuilder output = new();

    private OrthancServer(Process process, string folder, Uri address) => (this.process, Folder, Address) = (process, folder, address);

    /// <summary>Of its REST interface; DICOMweb is below it at <c>dicom-web</c>.</summary>
    public Uri Address { get; }

    /// <summary>Where it keeps everything.</summary>
    public string Folder { get; }

    public int ProcessId => process.Id;

    /// <summary>Everything that it has printed.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Starts one with nothing in it.</summary>
    /// <param name="folder">Where it keeps everything; it goes with the server.</param>
    /// <param name="dicomPort">Where it takes associations; null for nowhere.</param>
    /// <param name="settings">Beside these, or in place of them.</param>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static async Task<OrthancServer> StartAsync(string folder, int? dicomPort, JsonObject? settings = null)
    {
        var storage = Path.Combine(folder, "storage");
        var port = FreePorts.Next();
        var all = new JsonObject
        {
            ["StorageDirectory"] = storage,
            ["IndexDirectory"] = storage,
            ["HttpPort"] = port,
            ["DicomServerEnabled"] = dicomPort is not null,
            ["DicomPort"] = dicomPort ?? 0,
            ["DicomAlwaysAllowStore"] = true,
            ["DicomCheckCalledAet"] = false,
            ["RemoteAccessAllowed"] = false,
            ["AuthenticationEnabled"] = false,
            ["Plugins"] = new JsonArray("/usr/share/orthanc/plugins/libOrthancDicomWeb.so"),
        };
        foreach (var (name, value) in settings ?? [])
            all[name] = value?.DeepClone();

        var file = Path.Combine(folder, "orthanc.json");
        await File.WriteAllTextAsync(file, all.ToJsonString());
        var start = new ProcessStartInfo("Orthanc", [file]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        var server = new OrthancServer(new Process { StartInfo = start, EnableRaisingEvents = true }, folder, new Uri($"http://127.0.0.1:{port}/"));
        await server.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("Orthanc did not start: " + Output));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartLimit);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        void Keep(string? line)
        {
            lock (output)
                output.AppendLine(line);
            if (line?.EndsWith("Orthanc has started", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        }
    }
}
