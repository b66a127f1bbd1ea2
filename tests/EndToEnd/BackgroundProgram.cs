using System.Diagnostics;
using System.Net.Sockets;

namespace SecureStore.EndToEnd;

/// <summary>Another's program that runs until it is disposed.</summary>
internal sealed class BackgroundProgram : IDisposable
{
    private readonly Process process;

    private BackgroundProgram(Process process) => this.process = process;

    public static BackgroundProgram Start(string program, params string[] arguments) => new(Process.Start(new ProcessStartInfo(program, arguments))!);

    /// <summary>Waits until it takes connections.</summary>
    public async Task ListensAsync(int port)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
            {
                await Task.Yield();
            }
        }
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
