using System.Buffers.Binary;
using CsCheck;
using SecureStore.Codecs.Jpeg;

namespace SecureStore.Codecs.Tests;

/// <summary>Those that need libjpeg-turbo are left out where nothing but the .NET SDK is there.</summary>
public class JpegTests
{
    [Fact]
    public void Lossless_comes_back_by_all_predictors_precisions_and_restarts() =>
        Images.Sample((samples, rows, columns, components, precision, shift) => Gen.Select(Gen.Int[1, 7], Gen.Int[0, 3]).Sample((predictor, restart) =>
        {
            var frame = Frames.Of(rows, columns, components, precision > 8 ? 16 : 8, precision);
            var native = Frames.Decode(JpegDecoder.Decode, LosslessEncoder.Encode(samples, rows, columns, components, precision, predictor, shift, restart), frame);
            Assert.Equal(samples, Samples(native, frame.BitsAllocated));
        }, iter: 4), iter: 250);

    [Fact]
    public void Samples_of_8_bits_may_take_16() => Assert.Equal(
        new byte[] { 1, 0, 2, 0 }, Frames.Decode(JpegDecoder.Decode, LosslessEncoder.Encode([1, 2], 1, 2, 1, 8, 1, 0, 0), Frames.Of(1, 2, bitsAllocated: 16, bitsStored: 8)));

    [Theory]
    [InlineData(2, 3, 1, 8)]
    [InlineData(3, 2, 1, 8)]
    [InlineData(2, 2, 3, 8)]
    [InlineData(2, 2, 1, 32)]
    public void Another_shape_than_the_data_set_says_is_refused(int rows, int columns, int samples, int bitsAllocated)
    {
        var codestream = LosslessEncoder.Encode([1, 2, 3, 4], 2, 2, 1, 8, 1, 0, 0);
        Assert.Throws<CodecException>(() => Frames.Decode(JpegDecoder.Decode, codestream, Frames.Of(rows, columns, samples, bitsAllocated)));
    }

    [Fact]
    public void More_bits_than_are_allocated_are_refused()
    {
        var codestream = LosslessEncoder.Encode([1, 2, 3, 4], 2, 2, 1, 12, 1, 0, 0);
        Assert.Throws<CodecException>(() => Frames.Decode(JpegDecoder.Decode, codestream, Frames.Of(2, 2)));
    }

    [Fact]
    public void A_codestream_that_ends_early_is_refused()
    {
        var codestream = LosslessEncoder.Encode([.. Enumerable.Range(0, 256)], 16, 16, 1, 8, 1, 0, 0);
        for (var length = 0; length < codestream.Length - 3; length++)
            Assert.Throws<CodecException>(() => Frames.Decode(JpegDecoder.Decode, codestream[..length], Frames.Of(16, 16)));
    }

    /// <summary>The coefficients are decoded and transformed as libjpeg-turbo does it, pixel for pixel.</summary>
    [Fact]
    [Trait("Server", "yes")]
    public void Sequential_JPEG_is_decoded_as_libjpeg_turbo_decodes_it() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 100]).SelectMany((rows, columns, quality) =>
                Gen.Byte.Array[rows * columns].Select(pixels => (pixels, rows, columns, quality)))
            .Sample((pixels, rows, columns, quality) =>
            {
                var codestream = TurboEncoder.Encode(pixels, columns, rows, quality);
                var frame = Frames.Of(rows, columns);
                var ours = new byte[pixels.Length];
                DctJpegDecoder.Decode(codestream, JpegFrame.Find(codestream), frame, ours);
                Assert.Equal(Frames.Decode(JpegDecoder.Decode, codestream, frame), ours);
            }, iter: 300);

    [Fact]
    [Trait("Server", "yes")]
    public void Damaged_JPEG_is_refused_or_decoded_and_nothing_else() =>
        Gen.Select(Gen.OneOf(Lossless, Sequential, Extended), Gen.Select(Gen.Int[0, 2000], Gen.Byte).Array[1, 8], Gen.Int[0, 100]).Sample((sample, changes, cut) =>
        {
            var (codestream, frame) = sample;
            var damaged = codestream[..Math.Max(2, codestream.Length - (cut > 80 ? cut : 0))];
            foreach (var (place, value) in changes)
                damaged[place % damaged.Length] = value;

            var native = new byte[frame.NativeLength];
            try
            {
                var header = JpegFrame.Find(damaged);
                if (header.Rows == frame.Rows && header.Columns == frame.Columns && header.Components.Count == frame.SamplesPerPixel && header.Precision <= frame.BitsAllocated)
                {
                    if (header.Process == 3)
                        LosslessJpegDecoder.Decode(damaged, header, frame, native);
                    else
                        DctJpegDecoder.Decode(damaged, header, frame, native);
                }
            }
            catch (CodecException)
            {
                // What is damaged is refused.
            }
        }, iter: 20_000);

    private static (byte[] Codestream, Protocol.FrameDescription Frame) Lossless { get; } =
        (LosslessEncoder.Encode([.. Enumerable.Range(0, 20 * 20 * 3).Select(i => i * 7919 & 0xFFF)], 20, 20, 3, 12, 4, 0, 5), Frames.Of(20, 20, 3, 16, 12));

    private static (byte[] Codestream, Protocol.FrameDescription Frame) Sequential =>
        (TurboEncoder.Encode([.. Enumerable.Range(0, 24 * 24).Select(i => (byte)(i * 31))], 24, 24, 75), Frames.Of(24, 24));

    /// <summary>The same with 12 bits in its header: the process is extended.</summary>
    private static (byte[] Codestream, Protocol.FrameDescription Frame) Extended
    {
        get
        {
            var codestream = Sequential.Codestream.ToArray();
            var header = codestream.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
            (codestream[header + 1], codestream[header + 4]) = (0xC1, 12);
            return (codestream, Frames.Of(24, 24, bitsAllocated: 16, bitsStored: 12));
        }
    }

    private static Gen<(int[] Samples, int Rows, int Columns, int Components, int Precision, int Shift)> Images { get; } =
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.OneOf(1, 3), Gen.Int[2, 16], Gen.Int[0, 2]).SelectMany((rows, columns, components, precision, shift) =>
        {
            var most = (1 << precision) - 1;
            var kept = precision > shift ? shift : 0;
            return Gen.OneOf(Gen.Int[0, most], Gen.OneOf(0, most, most / 2)).Select(value => value >> kept << kept).Array[rows * columns * components]
                .Select(samples => (samples, rows, columns, components, precision, kept));
        });

    private static int[] Samples(byte[] native, int bits) => bits == 8
        ? [.. native.Select(one => (int)one)]
        : [.. native.Chunk(2).Select(pair => (int)BinaryPrimitives.ReadUInt16LittleEndian(pair))];
}
