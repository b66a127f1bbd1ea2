namespace SecureStore.Codecs.Native;

/// <summary>Puts samples where native pixel data has them.</summary>
internal static class Samples
{
    /// <summary>Samples of some bytes, which stand at the beginning, become samples of more, in place.</summary>
    public static void Widen(Span<byte> native, int from, int to)
    {
        for (var i = (native.Length / to) - 1; i >= 0; i--)
        {
            for (var b = to - 1; b >= 0; b--)
                native[(i * to) + b] = b < from ? native[(i * from) + b] : (byte)0;
        }
    }

    /// <summary>Plane after plane becomes pixel after pixel.</summary>
    public static void ByPixel(Span<byte> native, int samples, int sampleBytes)
    {
        var planes = native.ToArray();
        var pixels = native.Length / samples / sampleBytes;
        for (var sample = 0; sample < samples; sample++)
        {
            for (var i = 0; i < pixels; i++)
                planes.AsSpan(((sample * pixels) + i) * sampleBytes, sampleBytes).CopyTo(native[(((i * samples) + sample) * sampleBytes)..]);
        }

        Array.Clear(planes);
    }
}
