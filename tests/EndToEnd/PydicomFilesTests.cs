using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>The files that come with pydicom, read here and there. Needs Debian's python3-pydicom.</summary>
public class PydicomFilesTests
{
    [Fact]
    public async Task Values_in_JSON_equal_those_of_pydicom()
    {
        var files = (await Run("files", input: null)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(files.Length > 150);

        var documents = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(documents, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            foreach (var file in files)
            {
                json.WritePropertyName(file);
                json.WriteRawValue((await ToJson(file)).Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        var differences = (await Run("compare", documents.WrittenMemory)).TrimEnd();
        Assert.Matches($@"\A{files.Length} files, \d{{5,}} elements\z", differences);
    }

    private static async Task<ReadOnlyMemory<byte>> ToJson(string path)
    {
        try
        {
            var file = await DicomFile.OpenAsync(path, new() { MaxInlineValue = 1024 * 1024 });
            var output = new ArrayBufferWriter<byte>();
            DicomJson.Write(output, file.Dataset);
            return output.WrittenMemory;
        }
        catch (DicomDataException)
        {
            return "null"u8.ToArray();
        }
    }

    private static async Task<string> Run(string verb, ReadOnlyMemory<byte>? input)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Script(), verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? default(ReadOnlyMemory<byte>));
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return await output;
    }

    private static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SecureStore.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return Path.Combine(folder.FullName, "tests", "tools", "pydicom_json.py");
    }
}
