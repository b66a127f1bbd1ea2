using System.Buffers.Binary;
using CsCheck;
using SecureStore.Codecs.Rle;

namespace SecureStore.Codecs.Tests;

public class RleDecoderTests
{
    [Fact]
    public void Literal_and_repeated_runs_and_no_operations_are_read()
    {
        // Three as they are, a no-operation, four of one value, one as it is (PS3.5 G.3).
        byte[] frame = [.. Header(64), 2, 1, 2, 3, 0x80, 0xFD, 9, 0, 7];
        Assert.Equal(new byte[] { 1, 2, 3, 9, 9, 9, 9, 7 }, Frames.Decode(RleDecoder.Decode, frame, Frames.Of(2, 4)));
    }

    [Fact]
    public void The_most_significant_bytes_come_first()
    {
        byte[] frame = [.. Header(64, 68), 1, 0x12, 0x34, 0, 1, 0x56, 0x78, 0];
        Assert.Equal(new byte[] { 0x56, 0x12, 0x78, 0x34 }, Frames.Decode(RleDecoder.Decode, frame, Frames.Of(1, 2, bitsAllocated: 16)));
    }

    [Fact]
    public void Planes_become_pixels_and_YBR_is_of_whole_planes()
    {
        byte[] frame = [.. Header(64, 68, 72), 1, 1, 2, 0, 1, 3, 4, 0, 1, 5, 6, 0];
        var native = new byte[6];
        var described = RleDecoder.Decode(frame, Frames.Of(1, 2, samples: 3, photometric: "YBR_FULL_422") with { PlanarConfiguration = 1 }, native);
        Assert.Equal(new byte[] { 1, 3, 5, 2, 4, 6 }, native);
        Assert.Equal(Frames.Of(1, 2, samples: 3, photometric: "YBR_FULL"), described);
    }

    [Fact]
    public void What_was_encoded_comes_back() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.OneOf(1, 3), Gen.OneOf(8, 16, 32)).SelectMany((rows, columns, samples, bits) =>
                Gen.Frequency((3, Gen.Byte[0, 2]), (1, Gen.Byte)).Array[rows * columns * samples * bits / 8].Select(native => (Frames.Of(rows, columns, samples, bits), native)))
            .Sample((frame, native) => Assert.Equal(native, Frames.Decode(RleDecoder.Decode, RleEncoder.Encode(native, frame), frame)));

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 64, 0, 0, 0, 65, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 63, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    public void A_header_that_cannot_be_is_refused(byte[] header)
    {
        var frame = new byte[70];
        header.CopyTo(frame, 0);
        Assert.Throws<CodecException>(() => Frames.Decode(RleDecoder.Decode, frame, Frames.Of(1, 8)));
        Assert.Throws<CodecException>(() => Frames.Decode(RleDecoder.Decode, header, Frames.Of(1, 8)));
    }

    private static byte[] Header(params uint[] offsets)
    {
        var header = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(header, offsets.Length);
        for (var i = 0; i < offsets.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4 * (i + 1)), offsets[i]);

        return header;
    }
}
