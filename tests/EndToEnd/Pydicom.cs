using System.Diagnostics;

namespace SecureStore.EndToEnd;

/// <summary>Debian's python3-pydicom and its test files, through tests/tools/pydicom_json.py.</summary>
internal static class Pydicom
{
    private static string Script => Tool("pydicom_json.py");

    /// <summary>Paths of the DICOM files that come with it.</summary>
    public static async Task<string[]> FilesAsync() => (await RunAsync("files", default)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs one verb of the script.</summary>
    /// <returns>What it printed.</returns>
    public static Task<string> RunAsync(string verb, ReadOnlyMemory<byte> input) => RunAsync("/usr/bin/python3", [Script, verb], input);

    /// <summary>Compares decompressed files with what pydicom, dcmtk and GDCM make of the compressed ones (tests/tools/pixels.py).</summary>
    /// <returns>What it printed.</returns>
    public static Task<string> ComparePixelsAsync(IReadOnlyDictionary<string, string?> decompressed) =>
        RunAsync("/usr/bin/python3", [Tool("pixels.py")], System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(decompressed));

    /// <summary>True where dcmtk's dcmdump reads a file to its end.</summary>
    public static async Task<bool> DcmdumpReadsAsync(string path)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/dcmdump", ["-q", path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static string Tool(string name) => Path.Combine(Repository.Root, "tests", "tools", name);

    private static async Task<string> RunAsync(string program, string[] arguments, ReadOnlyMemory<byte> input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return await output;
    }
}
