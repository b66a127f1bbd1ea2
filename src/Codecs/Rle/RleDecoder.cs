using System.Buffers.Binary;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rle;

/// <summary>
/// RLE Lossless (PS3.5 annex G): a segment for each byte of each sample, the most significant byte of a sample first. Comes out by pixel, in
/// little endian.
/// </summary>
internal static class RleDecoder
{
    private const int HeaderSize = 64;
    private const int MaxSegments = 15;

    /// <exception cref="CodecException">The frame is damaged, or of another shape than its description.</exception>
    public static FrameDescription Decode(ReadOnlySpan<byte> source, FrameDescription frame, Span<byte> native)
    {
        if (source.Length < HeaderSize)
            throw new CodecException("The RLE header is cut off.");

        var sampleBytes = frame.BitsAllocated / 8;
        var segments = frame.SamplesPerPixel * sampleBytes;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source) != segments || segments > MaxSegments)
            throw new CodecException("The RLE header has another number of segments than the frame.");

        var pixels = frame.Rows * frame.Columns;
        for (var segment = 0; segment < segments; segment++)
        {
            var begin = Offset(source, segment);
            var end = segment + 1 < segments ? Offset(source, segment + 1) : (uint)source.Length;
            if (begin < HeaderSize || begin > end || end > source.Length)
                throw new CodecException("The RLE header has offsets that cannot be.");

            var (sample, place) = Math.DivRem(segment, sampleBytes);
            var first = (sample * sampleBytes) + (sampleBytes - 1 - place);
            DecodeSegment(source[(int)begin..(int)end], native[first..], pixels, stride: segments);
        }

        // Segments are of whole planes, whatever the data set says of its chrominance (PS3.5 8.2.2).
        return frame with { PlanarConfiguration = 0, PhotometricInterpretation = frame.PhotometricInterpretation == "YBR_FULL_422" ? "YBR_FULL" : frame.PhotometricInterpretation };
    }

    private static uint Offset(ReadOnlySpan<byte> header, int segment) => BinaryPrimitives.ReadUInt32LittleEndian(header[(4 * (segment + 1))..]);

    /// <summary>PackBits (PS3.5 G.3.2), each byte a stride after the one before. What a segment holds beyond its pixels is padding.</summary>
    private static void DecodeSegment(ReadOnlySpan<byte> source, Span<byte> target, int count, int stride)
    {
        var (read, written) = (0, 0);
        while (written < count)
        {
            if (read >= source.Length)
                throw new CodecException("An RLE segment ends before its pixels do.");

            var control = (sbyte)source[read++];
            if (control >= 0)
            {
                var length = Math.Min(control + 1, count - written);
                if (source.Length - read < length)
                    throw new CodecException("An RLE segment ends before its pixels do.");

                for (var i = 0; i < length; i++)
                    target[(written + i) * stride] = source[read + i];

                read += control + 1;
                written += length;
            }
            else if (control != sbyte.MinValue)
            {
                if (read >= source.Length)
                    throw new CodecException("An RLE segment ends before its pixels do.");

                var length = Math.Min(1 - control, count - written);
                var value = source[read++];
                for (var i = 0; i < length; i++)
                    target[(written + i) * stride] = value;

                written += length;
            }
        }
    }
}
