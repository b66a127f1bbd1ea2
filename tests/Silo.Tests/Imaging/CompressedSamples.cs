using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests.Imaging;

/// <summary>First frames of compressed files that come with Debian's python3-pydicom, one of each transfer syntax.</summary>
internal static class CompressedSamples
{
    private const string Folder = "/usr/lib/python3/dist-packages/pydicom/data/test_files";

    private static readonly string[] Names =
    [
        "SC_rgb_rle_16bit.dcm", "SC_rgb_jpeg_dcmtk.dcm", "JPGExtended.dcm", "SC_rgb_jpeg_gdcm.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_jp2klossless.dcm", "SC_rgb_gdcm_KY.dcm",
    ];

    public static async Task<IReadOnlyList<(DecodeHeader Header, byte[] Codestream)>> AllAsync()
    {
        var samples = new List<(DecodeHeader, byte[])>();
        foreach (var name in Names)
        {
            var file = await DicomFile.OpenAsync(Path.Combine(Folder, name));
            await using var bytes = File.OpenRead(Path.Combine(Folder, name));
            var frame = file.PixelData!.GetFrame(0);
            var codestream = new byte[frame.Sum(range => range.Length)];
            var filled = 0;
            foreach (var (offset, length) in frame)
            {
                bytes.Position = offset;
                await bytes.ReadExactlyAsync(codestream.AsMemory(filled, (int)length));
                filled += (int)length;
            }

            samples.Add((new DecodeHeader(file.Syntax!.UID, CompressedFrames.Describe(file.Dataset)), codestream));
        }

        return samples;
    }
}
