using System.Buffers.Binary;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Tests;

/// <summary>RLE as the standard has it (PS3.5 annex G), for tests.</summary>
internal static class RleEncoder
{
    public static byte[] Encode(byte[] native, FrameDescription frame)
    {
        var sampleBytes = frame.BitsAllocated / 8;
        var segments = frame.SamplesPerPixel * sampleBytes;
        var output = new List<byte>(new byte[64]);
        for (var segment = 0; segment < segments; segment++)
        {
            Write(output, 4 * (segment + 1), output.Count);
            var first = (segment / sampleBytes * sampleBytes) + sampleBytes - 1 - (segment % sampleBytes);
            Encode([.. Enumerable.Range(0, native.Length / segments).Select(pixel => native[(pixel * segments) + first])], output);
            if (output.Count % 2 != 0)
                output.Add(0);
        }

        Write(output, 0, segments);
        return [.. output];
    }

    private static void Encode(byte[] bytes, List<byte> output)
    {
        for (var i = 0; i < bytes.Length;)
        {
            var run = bytes.Skip(i).TakeWhile(one => one == bytes[i]).Take(128).Count();
            if (run > 1)
            {
                output.AddRange([(byte)(1 - run), bytes[i]]);
                i += run;
            }
            else
            {
                output.AddRange([0, bytes[i++]]);
            }
        }
    }

    private static void Write(List<byte> output, int at, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        for (var i = 0; i < 4; i++)
            output[at + i] = bytes[i];
    }
}
