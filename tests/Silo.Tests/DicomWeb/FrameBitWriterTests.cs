using System.Buffers;
using CsCheck;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Tests;

public class FrameBitWriterTests
{
    [Fact]
    public void A_frame_comes_out_bit_by_bit_wherever_it_begins_and_however_it_arrives() =>
        Gen.Select(Gen.Byte.Array[1, 60], Gen.Int[0, 3].Select(power => 1 << power), Gen.Int[0, 100], Gen.Int[1, 300], Gen.Int[1, 9].Array[1, 8])
            .Sample((bytes, wordSize, skipped, bits, steps) =>
            {
                Array.Resize(ref bytes, (bytes.Length + wordSize - 1) / wordSize * wordSize);
                skipped %= 8 * bytes.Length;
                bits = Math.Min(bits, 8 * bytes.Length - skipped);
                var output = new ArrayBufferWriter<byte>();
                using (var writer = new FrameBitWriter(output, wordSize, skipped, bits))
                {
                    for (int at = 0, turn = 0; at < bytes.Length; turn++)
                    {
                        var step = Math.Min(steps[turn % steps.Length], bytes.Length - at);
                        writer.Write(bytes.AsSpan(at, step));
                        at += step;
                    }

                    writer.Complete();
                }

                Assert.Equal(Expected(bytes, wordSize, skipped, bits), output.WrittenSpan.ToArray());
            }, iter: 20_000);

    private static byte[] Expected(byte[] bytes, int wordSize, int skipped, int bits)
    {
        var turned = bytes.Chunk(wordSize).SelectMany(word => wordSize == 1 ? word : word.Reverse()).ToArray();
        var frame = new byte[(bits + 7) / 8];
        for (var bit = 0; bit < bits; bit++)
        {
            var from = skipped + bit;
            frame[bit / 8] |= (byte)(((turned[from / 8] >> (from % 8)) & 1) << (bit % 8));
        }

        return frame;
    }
}
