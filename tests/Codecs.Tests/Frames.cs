using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Tests;

internal static class Frames
{
    public static FrameDescription Of(int rows, int columns, int samples = 1, int bitsAllocated = 8, int? bitsStored = null, string? photometric = null) => new()
    {
        Rows = (ushort)rows,
        Columns = (ushort)columns,
        SamplesPerPixel = (ushort)samples,
        BitsAllocated = (ushort)bitsAllocated,
        BitsStored = (ushort)(bitsStored ?? bitsAllocated),
        PhotometricInterpretation = photometric ?? (samples == 3 ? "RGB" : "MONOCHROME2"),
    };

    public static byte[] Decode(FrameDecoder decoder, byte[] codestream, FrameDescription frame)
    {
        var native = new byte[frame.NativeLength];
        decoder(codestream, frame, native);
        return native;
    }
}
