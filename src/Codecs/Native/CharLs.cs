using System.Runtime.InteropServices;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Native;

/// <summary>CharLS (Debian's libcharls2): JPEG-LS, lossless and near-lossless.</summary>
internal static unsafe partial class CharLs
{
    public const string Library = "libcharls.so.2";
    public const string Package = "libcharls2";

    private const int ByPlane = 0;

    /// <exception cref="CodecException">The codestream is damaged, or of another shape than its description.</exception>
    public static FrameDescription Decode(ReadOnlySpan<byte> codestream, FrameDescription frame, Span<byte> native)
    {
        var decoder = charls_jpegls_decoder_create();
        if (decoder == 0)
            throw new CodecException("CharLS does not start.");

        try
        {
            fixed (byte* source = codestream, target = native)
            {
                FrameInfo info;
                int interleaving;
                if (charls_jpegls_decoder_set_source_buffer(decoder, source, (nuint)codestream.Length) != 0 || charls_jpegls_decoder_read_header(decoder) != 0
                    || charls_jpegls_decoder_get_frame_info(decoder, &info) != 0 || charls_jpegls_decoder_get_interleave_mode(decoder, &interleaving) != 0)
                {
                    throw new CodecException("The JPEG-LS header is damaged.");
                }

                if (info.Height != frame.Rows || info.Width != frame.Columns || info.Components != frame.SamplesPerPixel)
                    throw new CodecException("The JPEG-LS codestream has another size than the data set says.");

                // A sample takes one byte or two, as its own precision wants; the data set may allocate more.
                var sampleBytes = info.Bits <= 8 ? 1 : 2;
                if (8 * sampleBytes > frame.BitsAllocated)
                    throw new CodecException("The JPEG-LS codestream has more bits than the data set says.");

                var length = (nuint)native.Length / (nuint)(frame.BitsAllocated / 8) * (nuint)sampleBytes;
                if (charls_jpegls_decoder_decode_to_buffer(decoder, target, length, 0) != 0)
                    throw new CodecException("The JPEG-LS codestream is damaged.");

                if (8 * sampleBytes < frame.BitsAllocated)
                    Samples.Widen(native, sampleBytes, frame.BitsAllocated / 8);

                if (interleaving == ByPlane && frame.SamplesPerPixel > 1)
                    Samples.ByPixel(native, frame.SamplesPerPixel, frame.BitsAllocated / 8);
            }
        }
        finally
        {
            charls_jpegls_decoder_destroy(decoder);
        }

        return frame with { PlanarConfiguration = 0 };
    }

    [LibraryImport(Library)]
    private static partial nint charls_jpegls_decoder_create();

    [LibraryImport(Library)]
    private static partial void charls_jpegls_decoder_destroy(nint decoder);

    [LibraryImport(Library)]
    private static partial int charls_jpegls_decoder_set_source_buffer(nint decoder, byte* source, nuint size);

    [LibraryImport(Library)]
    private static partial int charls_jpegls_decoder_read_header(nint decoder);

    [LibraryImport(Library)]
    private static partial int charls_jpegls_decoder_get_frame_info(nint decoder, FrameInfo* info);

    [LibraryImport(Library)]
    private static partial int charls_jpegls_decoder_get_interleave_mode(nint decoder, int* mode);

    [LibraryImport(Library)]
    private static partial int charls_jpegls_decoder_decode_to_buffer(nint decoder, byte* target, nuint size, uint stride);

    private struct FrameInfo
    {
        public uint Width;
        public uint Height;
        public int Bits;
        public int Components;
    }
}
