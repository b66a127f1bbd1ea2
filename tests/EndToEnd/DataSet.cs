using System.Buffers;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

internal static class DataSet
{
    /// <summary>What stands behind group 0002 in a file.</summary>
    public static async Task<byte[]> OfAsync(byte[] file)
    {
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync();
        return file[(int)reader.DatasetOffset..];
    }

    /// <inheritdoc cref="OfAsync(byte[])"/>
    public static async Task<byte[]> OfAsync(string path) => await OfAsync(await File.ReadAllBytesAsync(path));

    public static async Task<(string Study, string Series, string Instance)> UidsAsync(byte[] file)
    {
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync();
        await reader.ReadUntilAsync(DicomTag.PixelData);
        return (reader.Dataset.GetString(DicomTag.StudyInstanceUID)!, reader.Dataset.GetString(DicomTag.SeriesInstanceUID)!, reader.Dataset.GetString(DicomTag.SOPInstanceUID)!);
    }

    /// <summary>A line for each element of a file, pixel data as well, written anew: alike for files that say the same in other ways.</summary>
    public static async Task<IReadOnlyList<string>> ElementsAsync(byte[] file)
    {
        var lines = new List<string>();
        foreach (var item in (await DicomFile.OpenAsync(new MemoryStream(file), DicomReadOptions.KeepAll)).Dataset)
        {
            var output = new ArrayBufferWriter<byte>();
            DicomWriter.WriteDataset(output, new DicomDataset().AddOrUpdate(item), DicomTransferSyntax.ExplicitVRLittleEndian);
            lines.Add($"{item.Tag} {Convert.ToHexString(output.WrittenSpan)}");
        }

        return lines;
    }
}
