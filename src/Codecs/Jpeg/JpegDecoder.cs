using SecureStore.Codecs.Native;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Jpeg;

/// <summary>
/// JPEG (ISO/IEC 10918-1) in DICOM (PS3.5 A.4.1, 8.2.1). Which process a frame is coded by, its own header says: transfer syntaxes are often wrong.
/// </summary>
internal static class JpegDecoder
{
    /// <exception cref="CodecException">The codestream is damaged, of another shape than its description, or of a process that is not decompressed here.</exception>
    public static FrameDescription Decode(ReadOnlySpan<byte> codestream, FrameDescription frame, Span<byte> native)
    {
        var header = JpegFrame.Find(codestream);
        if (header.Rows != frame.Rows || header.Columns != frame.Columns || header.Components.Count != frame.SamplesPerPixel)
            throw new CodecException("The JPEG codestream has another size than the data set says.");

        if (frame.BitsAllocated is not (8 or 16) || header.Precision > frame.BitsAllocated)
            throw new CodecException("The JPEG codestream has more bits than the data set says.");

        var described = frame with { PlanarConfiguration = 0 };
        switch (header)
        {
            case { Process: 3 }:
                LosslessJpegDecoder.Decode(codestream, header, frame, native);
                return described;
            case { Process: <= 2, Precision: 8 } when frame.BitsAllocated == 8 && header.Components.Count is 1 or 3:
                // Chrominance that is stored at half the width has no native form that others read: what was YBR becomes RGB.
                var isYbr = frame.PhotometricInterpretation.StartsWith("YBR_", StringComparison.Ordinal) && header.Components.Count == 3;
                TurboJpeg.Decode(codestream, frame, isYbr, native);
                return isYbr ? described with { PhotometricInterpretation = "RGB" } : described;
            case { Process: <= 1 }:
                DctJpegDecoder.Decode(codestream, header, frame, native);
                return described;
            default:
                throw new CodecException("A JPEG codestream of this kind is not decompressed here.");
        }
    }
}
