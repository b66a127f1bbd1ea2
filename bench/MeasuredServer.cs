using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SecureStore.Bench;

/// <summary>A server that a benchmark started: a process of its own on loopback, with a folder that goes with it.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process process;

    private MeasuredServer(Process process, string folder, Uri address)
    {
        (this.process, Folder) = (process, folder);
        Client = new DicomWebClient(address);
    }

    public DicomWebClient Client { get; }

    /// <summary>What it keeps is under this folder.</summary>
    public string Folder { get; }

    /// <summary>SecureStore as it is built beside this program, with a token for everything.</summary>
    public static async Task<MeasuredServer> StartSecureStoreAsync(string parent)
    {
        var folder = NewFolder(parent);
        var address = FreeAddress();
        var keys = Path.Combine(folder, "keys");
        var program = Path.Combine(AppContext.BaseDirectory, "SecureStore.Silo.dll");
        var server = await StartAsync(
            folder, address, new Uri(address, "health/ready"), "dotnet", program, "--urls", address.GetLeftPart(UriPartial.Authority), "--Data:Path",
            Path.Combine(folder, "data"), "--Keys:Path", keys);
        await server.Client.AuthorizeAsync(Path.Combine(keys, "admin.json"));
        return server;
    }

    /// <summary>Orthanc as Debian installs it (orthanc, orthanc-dicomweb), with its defaults.</summary>
    public static async Task<MeasuredServer> StartOrthancAsync(string parent)
    {
        var folder = NewFolder(parent);
        var address = FreeAddress();
        var settings = Path.Combine(folder, "orthanc.json");
        await File.WriteAllTextAsync(
            settings,
            $$"""
            {
              "StorageDirectory": "{{folder}}/storage",
              "IndexDirectory": "{{folder}}/storage",
              "HttpPort": {{address.Port}},
              "DicomServerEnabled": false,
              "RemoteAccessAllowed": false,
              "AuthenticationEnabled": false,
              "Plugins": [ "/usr/share/orthanc/plugins/libOrthancDicomWeb.so" ]
            }
            """);
        return await StartAsync(folder, address, new Uri(address, "system"), "Orthanc", settings);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync(process, Folder);
    }

    private static async Task<MeasuredServer> StartAsync(string folder, Uri address, Uri ready, string program, params string[] arguments)
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
            await WaitAsync(process, ready);
            return new MeasuredServer(process, folder, address);
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

    private static async Task WaitAsync(Process process, Uri ready)
    {
        using var probe = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(began) < StartLimit)
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

    private static async Task StopAsync(Process process, string folder)
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string NewFolder(string parent) =>
        Directory.CreateDirectory(Path.Combine(Path.GetFullPath(parent), "securestore-bench-" + Guid.NewGuid().ToString("N"))).FullName;

    private static Uri FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
    }
}
