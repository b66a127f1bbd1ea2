using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SecureStore.Silo.Imaging;

/// <summary>How a worker is started: nothing of the archive's environment, folder or descriptors goes with it.</summary>
internal static class CodecProgram
{
    /// <summary>What the runtime's own heap may grow to: request, answer, and what the managed decoders need besides.</summary>
    private const long HeapLimit = 1024L * 1024 * 1024;

    /// <param name="limit">How long a request may take.</param>
    public static ProcessStartInfo StartInfo(TimeSpan limit)
    {
        // The worker's own limit counts where this process has gone: it comes after the pool's.
        var seconds = ((long)Math.Min(limit.TotalSeconds, int.MaxValue) + 5).ToString(CultureInfo.InvariantCulture);
        var program = Path.Combine(AppContext.BaseDirectory, "SecureStore.Codecs");
        var muxer = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = File.Exists(muxer) ? new ProcessStartInfo(muxer, [program + ".dll", seconds]) : new ProcessStartInfo(program, [seconds]);
        start.WorkingDirectory = "/";
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment.Clear();
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit.ToString("X", CultureInfo.InvariantCulture);

        // One arena, and what the libraries free is overwritten: no pixel of one patient waits for the next one's image.
        start.Environment["MALLOC_ARENA_MAX"] = "1";
        start.Environment["MALLOC_PERTURB_"] = "165";
        return start;
    }
}
