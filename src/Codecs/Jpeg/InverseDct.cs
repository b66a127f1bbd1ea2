namespace SecureStore.Codecs.Jpeg;

/// <summary>
/// The inverse DCT in whole numbers after Loeffler, Ligtenberg and Moschytz (1989), with the precision of the Independent JPEG Group's accurate
/// one, so that every decoder that uses that gives the same pixels.
/// </summary>
internal static class InverseDct
{
    private const int ConstantBits = 13;

    /// <summary>Turns dequantized coefficients into samples from 0 to 2^precision - 1, in place.</summary>
    /// <param name="block">8 rows of 8.</param>
    /// <param name="precision">8 or 12 bits.</param>
    public static void Transform(Span<int> block, int precision)
    {
        // Bits that the columns' results keep behind the point: what 32 bits leave room for.
        var kept = precision == 8 ? 2 : 1;
        for (var column = 0; column < 8; column++)
            Transform(block[column..], 8, ConstantBits - kept);

        var (middle, most) = (1 << (precision - 1), (1 << precision) - 1);
        for (var row = 0; row < 8; row++)
        {
            Transform(block[(8 * row)..], 1, ConstantBits + kept + 3);
            for (var i = 8 * row; i < 8 * (row + 1); i++)
                block[i] = Math.Clamp(block[i] + middle, 0, most);
        }
    }

    private static void Transform(Span<int> v, int step, int shift)
    {
        long half = 1L << (shift - 1);
        long z1 = (v[2 * step] + (long)v[6 * step]) * 4433;
        var even2 = z1 - (v[6 * step] * 15137L);
        var even3 = z1 + (v[2 * step] * 6270L);
        var even0 = (v[0] + (long)v[4 * step]) << ConstantBits;
        var even1 = (v[0] - (long)v[4 * step]) << ConstantBits;
        var (sum0, sum3, sum1, sum2) = (even0 + even3, even0 - even3, even1 + even2, even1 - even2);

        long odd0 = v[7 * step], odd1 = v[5 * step], odd2 = v[3 * step], odd3 = v[step];
        var z5 = (odd0 + odd2 + odd1 + odd3) * 9633;
        z1 = (odd0 + odd3) * -7373;
        var z2 = (odd1 + odd2) * -20995;
        var z3 = ((odd0 + odd2) * -16069) + z5;
        var z4 = ((odd1 + odd3) * -3196) + z5;
        odd0 = (odd0 * 2446) + z1 + z3;
        odd1 = (odd1 * 16819) + z2 + z4;
        odd2 = (odd2 * 25172) + z2 + z3;
        odd3 = (odd3 * 12299) + z1 + z4;

        v[0] = (int)((sum0 + odd3 + half) >> shift);
        v[7 * step] = (int)((sum0 - odd3 + half) >> shift);
        v[step] = (int)((sum1 + odd2 + half) >> shift);
        v[6 * step] = (int)((sum1 - odd2 + half) >> shift);
        v[2 * step] = (int)((sum2 + odd1 + half) >> shift);
        v[5 * step] = (int)((sum2 - odd1 + half) >> shift);
        v[3 * step] = (int)((sum3 + odd0 + half) >> shift);
        v[4 * step] = (int)((sum3 - odd0 + half) >> shift);
    }
}
