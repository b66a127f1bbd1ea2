using System.Buffers;
using SecureStore.Dicom;

namespace SecureStore.Contracts.Fuzzing;

/// <summary>A DICOM file read as the archive reads one that it stores: once, forwards, for its metadata and its frames.</summary>
public static class FuzzedFile
{
    private const int MostFrames = 1000;

    /// <exception cref="DicomDataException">It is refused.</exception>
    public static async Task ReadAsync(byte[] input)
    {
        await using var reader = new DicomStreamReader(new MemoryStream(input));
        await reader.OpenAsync();
        await reader.ReadUntilAsync(DicomTag.SeriesInstanceUID);
        await reader.ReadToEndAsync();
        DicomJson.Write(new ArrayBufferWriter<byte>(), reader.Dataset, new List<int>(), new List<DicomJsonElement>());
        for (var frame = 0; frame < Math.Min(reader.PixelData?.FrameCount ?? 0, MostFrames); frame++)
        {
            foreach (var range in reader.PixelData!.GetFrame(frame))
            {
                if (range.Offset < 0 || range.Length < 0 || (!reader.OffsetsAreInflated && !reader.IsTruncated && range.Offset + range.Length > input.Length))
                    throw new InvalidOperationException("A frame lies outside the file.");
            }
        }
    }
}
