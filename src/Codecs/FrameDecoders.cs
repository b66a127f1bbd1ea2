using System.Runtime.InteropServices;
using SecureStore.Codecs.Jpeg;
using SecureStore.Codecs.Native;
using SecureStore.Codecs.Protocol;
using SecureStore.Codecs.Rle;

namespace SecureStore.Codecs;

/// <summary>Decompresses a frame.</summary>
/// <param name="codestream">The frame's bytes, padding included.</param>
/// <param name="frame">What the data set says of it.</param>
/// <param name="native">As long as the frame is when it is native; the pixels come here, by pixel, in little endian.</param>
/// <returns>What the native frame is: its length does not change.</returns>
/// <exception cref="CodecException">The frame is damaged, or of another shape than its description.</exception>
internal delegate FrameDescription FrameDecoder(ReadOnlySpan<byte> codestream, FrameDescription frame, Span<byte> native);

/// <summary>Which transfer syntaxes are decompressed here, and by what.</summary>
internal sealed class FrameDecoders
{
    // PS3.6 table A-1. The worker has none of the archive's assemblies.
    private const string RLELossless = "1.2.840.10008.1.2.5";
    private const string JPEGBaseline8Bit = "1.2.840.10008.1.2.4.50";
    private const string JPEGExtended12Bit = "1.2.840.10008.1.2.4.51";
    private const string JPEGLossless = "1.2.840.10008.1.2.4.57";
    private const string JPEGLosslessSV1 = "1.2.840.10008.1.2.4.70";
    private const string JPEGLSLossless = "1.2.840.10008.1.2.4.80";
    private const string JPEGLSNearLossless = "1.2.840.10008.1.2.4.81";
    private const string JPEG2000Lossless = "1.2.840.10008.1.2.4.90";
    private const string JPEG2000 = "1.2.840.10008.1.2.4.91";
    private const string HTJ2KLossless = "1.2.840.10008.1.2.4.201";
    private const string HTJ2KLosslessRPCL = "1.2.840.10008.1.2.4.202";
    private const string HTJ2K = "1.2.840.10008.1.2.4.203";

    private readonly Dictionary<string, FrameDecoder> decoders = new(StringComparer.Ordinal);
    private readonly List<string> missing = [];

    private FrameDecoders()
    {
    }

    public IReadOnlyList<string> TransferSyntaxes => [.. decoders.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Debian's names of the packages whose libraries are not there.</summary>
    public IReadOnlyList<string> MissingPackages => missing;

    /// <summary>Loads the libraries that are there.</summary>
    public static FrameDecoders Load()
    {
        var all = new FrameDecoders();
        all.Add(RleDecoder.Decode, RLELossless);

        // Lossless and 12-bit JPEG need no library, but transfer syntaxes do not keep them from the others: what is announced is to work.
        all.AddWhere(TurboJpeg.Library, TurboJpeg.Package, JpegDecoder.Decode, JPEGBaseline8Bit);
        all.Add(JpegDecoder.Decode, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1);
        all.AddWhere(CharLs.Library, CharLs.Package, CharLs.Decode, JPEGLSLossless, JPEGLSNearLossless);
        all.AddWhere(
            OpenJpeg.Library, OpenJpeg.Package, OpenJpeg.Decode, JPEG2000Lossless, JPEG2000,
            HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K);
        return all;
    }

    public FrameDecoder? Find(string transferSyntax) => decoders.GetValueOrDefault(transferSyntax);

    private void AddWhere(string library, string package, FrameDecoder decoder, params ReadOnlySpan<string> transferSyntaxes)
    {
        if (NativeLibrary.TryLoad(library, out _))
            Add(decoder, transferSyntaxes);
        else
            missing.Add(package);
    }

    private void Add(FrameDecoder decoder, params ReadOnlySpan<string> transferSyntaxes)
    {
        foreach (var transferSyntax in transferSyntaxes)
            decoders.Add(transferSyntax, decoder);
    }
}
