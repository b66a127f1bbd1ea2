using System.Diagnostics;
using SecureStore.Contracts.Servers;

namespace SecureStore.Bench;

/// <summary>A server that a benchmark started: a process of its own on loopback, with a folder that goes with it.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Func<ValueTask> stop;

    private MeasuredServer(int processId, string folder, Uri address, Func<ValueTask> stop)
    {
        (ProcessId, Folder, this.stop) = (processId, folder, stop);
        Client = new DicomWebClient(address);
    }

    public DicomWebClient Client { get; }

    /// <summary>What it keeps is under this folder.</summary>
    public string Folder { get; }

    public int ProcessId { get; }

    /// <summary>SecureStore as it is built beside this program, with a token for everything.</summary>
    public static Task<MeasuredServer> StartSecureStoreAsync(string parent, params string[] settings)
    {
        var folder = NewFolder(parent);
        return StartSecureStoreAsync(folder, Path.Combine(folder, "keys"), [$"Data:Path={Path.Combine(folder, "data")}", .. settings]);
    }

    /// <summary>One silo of a cluster.</summary>
    /// <param name="parent">Where its own folder is made.</param>
    /// <param name="keys">The folder of the cluster's keys.</param>
    /// <param name="settings">Section:Key=value.</param>
    public static Task<MeasuredServer> StartSiloAsync(string parent, string keys, params string[] settings) =>
        StartSecureStoreAsync(NewFolder(parent), keys, settings);

    /// <summary>Orthanc as Debian installs it (orthanc, orthanc-dicomweb), with its defaults.</summary>
    /// <param name="parent">Where its own folder is made.</param>
    /// <param name="dicomPort">Where it takes associations; null for nowhere.</param>
    public static async Task<MeasuredServer> StartOrthancAsync(string parent, int? dicomPort = null)
    {
        var orthanc = await OrthancServer.StartAsync(NewFolder(parent), dicomPort);
        return new MeasuredServer(orthanc.ProcessId, orthanc.Folder, orthanc.Address, orthanc.DisposeAsync);
    }

    /// <summary>SecureStore over data that is there already.</summary>
    /// <param name="folder">Goes with the server.</param>
    /// <param name="keys">The folder of the keys.</param>
    /// <param name="startLimit">How long it may take until it serves.</param>
    public static async Task<MeasuredServer> StartSecureStoreAsync(string folder, string keys, string[] settings, TimeSpan? startLimit = null)
    {
        var address = FreeAddress();
        var program = Path.Combine(AppContext.BaseDirectory, "SecureStore.Silo.dll");
        string[] all = [$"urls={address.GetLeftPart(UriPartial.Authority)}", $"Keys:Path={keys}", "Dimse:Port=0", .. settings];
        var server = await StartAsync(
            folder, address, new Uri(address, "health/ready"), startLimit ?? StartLimit, "dotnet", [program, .. all.Select(setting => "--" + setting)]);
        await server.Client.AuthorizeAsync(Path.Combine(keys, "admin.json"));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await stop();
    }

    private static async Task<MeasuredServer> StartAsync(
        string folder, Uri address, Uri ready, TimeSpan startLimit, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += Ignore;
        process.ErrorDataReceived += Ignore;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await WaitAsync(process, ready, startLimit);
            return new MeasuredServer(process.Id, folder, address, () => StopAsync(process, folder));
        }
        catch
        {
            await StopAsync(process, folder);
            throw;
        }

        // What they print is read, so that it does not stop them.
        static void Ignore(object sender, DataReceivedEventArgs line)
        {
        }
    }

    private static async Task WaitAsync(Process process, Uri ready, TimeSpan startLimit)
    {
        using var probe = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(began) < startLimit)
        {
            try
            {
                using var response = await probe.GetAsync(ready);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }

        throw new InvalidOperationException($"{process.StartInfo.FileName} did not start.");
    }

    private static async ValueTask StopAsync(Process process, string folder)
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public static string NewFolder(string parent) =>
        Directory.CreateDirectory(Path.Combine(Path.GetFullPath(parent), "securestore-bench-" + Guid.NewGuid().ToString("N"))).FullName;

    public static int FreePort() => FreePorts.Next();

    private static Uri FreeAddress() => new($"http://127.0.0.1:{FreePort()}/");
}
