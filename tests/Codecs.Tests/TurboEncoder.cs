using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Tests;

/// <summary>libjpeg-turbo's encoder, for tests.</summary>
internal static unsafe partial class TurboEncoder
{
    private const string Library = "libturbojpeg.so.0";
    private const int Gray = 6;
    private const int GrayOnly = 3;

    /// <summary>A baseline codestream of one component.</summary>
    public static byte[] Encode(byte[] pixels, int columns, int rows, int quality)
    {
        var handle = tjInitCompress();
        byte* codestream = null;
        try
        {
            CULong length;
            fixed (byte* source = pixels)
                Assert.Equal(0, tjCompress2(handle, source, columns, columns, rows, Gray, &codestream, &length, GrayOnly, quality, 0));

            return new ReadOnlySpan<byte>(codestream, (int)length.Value).ToArray();
        }
        finally
        {
            tjFree(codestream);
            _ = tjDestroy(handle);
        }
    }

    [LibraryImport(Library)]
    private static partial nint tjInitCompress();

    [LibraryImport(Library)]
    private static partial int tjCompress2(
        nint handle, byte* source, int width, int pitch, int height, int pixelFormat, byte** codestream, CULong* length, int subsampling, int quality, int flags);

    [LibraryImport(Library)]
    private static partial void tjFree(byte* buffer);

    [LibraryImport(Library)]
    private static partial int tjDestroy(nint handle);
}
