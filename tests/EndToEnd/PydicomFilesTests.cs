using System.Buffers;
using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>The files that come with pydicom, read here and there. Needs Debian's python3-pydicom.</summary>
public class PydicomFilesTests
{
    [Fact]
    public async Task Values_in_JSON_equal_those_of_pydicom()
    {
        var files = await Pydicom.FilesAsync();
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

        var differences = (await Pydicom.RunAsync("compare", documents.WrittenMemory)).TrimEnd();
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
}
