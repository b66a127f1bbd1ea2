namespace SecureStore.Codecs.Tests;

/// <summary>JPEG lossless (ISO/IEC 10918-1 annex H), for tests: one scan, one Huffman table with a code of 5 bits for each category.</summary>
internal static class LosslessEncoder
{
    /// <param name="samples">By pixel, each below 2^precision, with the lowest <paramref name="shift"/> bits zero.</param>
    /// <param name="restartRows">Rows between restart markers; 0 for none.</param>
    public static byte[] Encode(int[] samples, int rows, int columns, int components, int precision, int predictor, int shift, int restartRows)
    {
        var output = new List<byte> { 0xFF, 0xD8, 0xFF, 0xC3, 0, (byte)(8 + (3 * components)), (byte)precision };
        output.AddRange([(byte)(rows >> 8), (byte)rows, (byte)(columns >> 8), (byte)columns, (byte)components]);
        for (var i = 0; i < components; i++)
            output.AddRange([(byte)(i + 1), 0x11, 0]);

        output.AddRange([0xFF, 0xC4, 0, 19 + 17, 0, 0, 0, 0, 0, 17, .. new byte[11], .. Enumerable.Range(0, 17).Select(category => (byte)category)]);
        if (restartRows > 0)
            output.AddRange([0xFF, 0xDD, 0, 4, (byte)(restartRows * columns >> 8), (byte)(restartRows * columns)]);

        output.AddRange([0xFF, 0xDA, 0, (byte)(6 + (2 * components)), (byte)components]);
        for (var i = 0; i < components; i++)
            output.AddRange([(byte)(i + 1), 0]);

        output.AddRange([(byte)predictor, 0, (byte)shift]);
        var bits = new Bits(output);
        for (var row = 0; row < rows; row++)
        {
            var isFirst = row == 0 || (restartRows > 0 && row % restartRows == 0);
            if (isFirst && row > 0)
                bits.Restart((row / restartRows) - 1);

            for (var column = 0; column < columns; column++)
            {
                for (var i = 0; i < components; i++)
                {
                    int At(int r, int c) => samples[(((r * columns) + c) * components) + i] >> shift;
                    var prediction = (isFirst, column) switch
                    {
                        (true, 0) => 1 << (precision - shift - 1),
                        (true, _) => At(row, column - 1),
                        (false, 0) => At(row - 1, 0),
                        _ => Predict(predictor, At(row, column - 1), At(row - 1, column), At(row - 1, column - 1)),
                    };
                    bits.Write((ushort)(At(row, column) - prediction));
                }
            }
        }

        bits.Flush();
        output.AddRange([0xFF, 0xD9]);
        return [.. output];
    }

    private static int Predict(int predictor, int a, int b, int c) => predictor switch
    {
        1 => a,
        2 => b,
        3 => c,
        4 => a + b - c,
        5 => a + ((b - c) >> 1),
        6 => b + ((a - c) >> 1),
        _ => (a + b) >> 1,
    };

    private sealed class Bits(List<byte> output)
    {
        private ulong waiting;
        private int count;

        /// <summary>A difference modulo 2^16 (table H.2).</summary>
        public void Write(ushort difference)
        {
            var value = difference == 0x8000 ? 32768 : (short)difference;
            var category = value == 32768 ? 16 : 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Abs(value));
            Put((ulong)category, 5);
            if (category is > 0 and < 16)
                Put((ulong)(value > 0 ? value : value + (1 << category) - 1), category);
        }

        public void Restart(int index)
        {
            Flush();
            output.AddRange([0xFF, (byte)(0xD0 + (index & 7))]);
        }

        public void Flush()
        {
            if (count % 8 != 0)
                Put((1UL << (8 - (count % 8))) - 1, 8 - (count % 8));
        }

        private void Put(ulong value, int length)
        {
            waiting = (waiting << length) | value;
            for (count += length; count >= 8; count -= 8)
            {
                var next = (byte)(waiting >> (count - 8));
                output.Add(next);
                if (next == 0xFF)
                    output.Add(0);
            }
        }
    }
}
