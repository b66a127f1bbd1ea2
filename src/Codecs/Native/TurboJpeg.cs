using System.Runtime.InteropServices;
using SecureStore.Codecs.Jpeg;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Native;

/// <summary>libjpeg-turbo (Debian's libturbojpeg0): JPEG of 8 bits a sample, with the accurate inverse DCT and smooth chrominance.</summary>
internal static unsafe partial class TurboJpeg
{
    public const string Library = "libturbojpeg.so.0";
    public const string Package = "libturbojpeg0";

    private const int Rgb = 0;
    private const int Gray = 6;
    private const int AccurateDct = 4096;
    private const int LimitScans = 32768;
    private const int IsWarning = 0;

    /// <exception cref="CodecException">The codestream is damaged.</exception>
    public static void Decode(ReadOnlySpan<byte> codestream, FrameDescription frame, bool isYbr, Span<byte> native)
    {
        var samples = (int)frame.SamplesPerPixel;
        var marked = samples == 3 ? Mark(codestream, isYbr) : codestream;
        var handle = tjInitDecompress();
        if (handle == 0)
            throw new CodecException("libjpeg-turbo does not start.");

        try
        {
            fixed (byte* source = marked, target = native)
            {
                var result = tjDecompress2(
                    handle, source, new CULong((uint)marked.Length), target, frame.Columns, frame.Columns * samples, frame.Rows, samples == 3 ? Rgb : Gray, AccurateDct | LimitScans);
                if (result != 0 && (tjGetErrorCode(handle) != IsWarning || !IsHarmless(Marshal.PtrToStringUTF8(tjGetErrorStr2(handle)))))
                    throw new CodecException("The JPEG codestream is damaged.");
            }
        }
        finally
        {
            _ = tjDestroy(handle);
        }
    }

    /// <summary>Bytes before a marker that belong to nothing: the pixels are whole.</summary>
    private static bool IsHarmless(string? warning) => warning?.Contains("extraneous bytes", StringComparison.Ordinal) == true;

    /// <summary>
    /// The data set says what the components are (PS3.5 8.2.1), and not what JFIF and Adobe segments or component numbers may suggest: they are
    /// left out, and one that says it is put in.
    /// </summary>
    private static byte[] Mark(ReadOnlySpan<byte> codestream, bool isYbr)
    {
        ReadOnlySpan<byte> adobe = [0xFF, JpegMarkers.App14, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)(isYbr ? 1 : 0)];
        var marked = new byte[codestream.Length + adobe.Length];
        codestream[..2].CopyTo(marked);
        adobe.CopyTo(marked.AsSpan(2));
        var written = 2 + adobe.Length;
        var markers = new JpegMarkers(codestream);
        var copied = 2;
        byte marker;
        do
        {
            marker = markers.Next();
            if (marker is JpegMarkers.App0 or JpegMarkers.App14)
            {
                Copy(codestream[copied..markers.Begin]);
                copied = markers.Position;
            }
        }
        while (marker is not JpegMarkers.StartOfScan);

        Copy(codestream[copied..]);
        return marked[..written];

        void Copy(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(marked.AsSpan(written));
            written += bytes.Length;
        }
    }

    [LibraryImport(Library)]
    private static partial nint tjInitDecompress();

    [LibraryImport(Library)]
    private static partial int tjDecompress2(nint handle, byte* source, CULong size, byte* target, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library)]
    private static partial int tjGetErrorCode(nint handle);

    [LibraryImport(Library)]
    private static partial nint tjGetErrorStr2(nint handle);

    [LibraryImport(Library)]
    private static partial int tjDestroy(nint handle);
}
