using System.Buffers.Binary;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Jpeg;

/// <summary>
/// JPEG baseline and extended sequential, Huffman coded (ISO/IEC 10918-1 F.2): used for 12 bits a sample, which libjpeg-turbo does not have. The
/// components have the size of the image.
/// </summary>
internal static class DctJpegDecoder
{
    private const int BlockSize = 64;

    /// <summary>For each place in zigzag order, the place in a block by rows (figure A.6).</summary>
    private static readonly byte[] Zigzag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <exception cref="CodecException">The codestream is damaged.</exception>
    public static void Decode(ReadOnlySpan<byte> codestream, JpegFrame header, FrameDescription frame, Span<byte> native)
    {
        if (header.Process > 1 || header.Precision is not (8 or 12) || !header.IsWholeSize)
            throw new CodecException("A JPEG codestream of this kind is not decompressed here.");

        JpegScans.Decode(
            codestream, header, native,
            (codestream, position, scan, tables, native) => DecodeScan(codestream, position, header, scan, tables, frame, native));
    }

    /// <returns>Where the scan ended.</returns>
    private static int DecodeScan(
        ReadOnlySpan<byte> codestream, int position, JpegFrame header, JpegScan scan, JpegTables tables, FrameDescription frame, Span<byte> native)
    {
        // What a sequential scan says of coefficients and bits is known (B.2.3), and often wrong.
        if (scan.Components.Any(component => component.Dc is null || component.Ac is null))
            throw new CodecException("A JPEG scan header is damaged.");

        var bits = new JpegBits(codestream, position);
        var (across, down) = ((header.Columns + 7) / 8, (header.Rows + 7) / 8);
        Span<int> last = stackalloc int[scan.Components.Count];
        Span<int> block = stackalloc int[BlockSize];
        last.Clear();
        var (units, restarts) = (0, 0);
        for (var row = 0; row < down; row++)
        {
            for (var column = 0; column < across; column++, units++)
            {
                if (tables.RestartInterval > 0 && units > 0 && units % tables.RestartInterval == 0)
                {
                    bits.Restart(restarts++ & 7);
                    last.Clear();
                }

                for (var i = 0; i < scan.Components.Count; i++)
                {
                    var component = scan.Components[i];
                    block.Clear();
                    last[i] = DecodeBlock(ref bits, component, last[i], tables.Quantization(header.Components[component.Index].QuantizationTable), block);
                    InverseDct.Transform(block, header.Precision);
                    Store(block, row, column, component.Index, frame, native);
                }
            }
        }

        return bits.Position;
    }

    /// <returns>The block's DC coefficient before quantization, which the next one's is told from.</returns>
    private static int DecodeBlock(ref JpegBits bits, ScanComponent component, int last, scoped ReadOnlySpan<ushort> quantization, scoped Span<int> block)
    {
        var length = component.Dc!.Decode(ref bits);
        if (length > 15)
            throw new CodecException("The JPEG codestream has a difference that cannot be.");

        // Only damaged data goes beyond 16 bits.
        var dc = (short)(last + bits.Receive(length));
        block[0] = dc * quantization[0];
        for (var place = 1; place < BlockSize; place++)
        {
            var code = component.Ac!.Decode(ref bits);
            var (run, size) = (code >> 4, code & 15);
            if (size == 0)
            {
                if (run != 15)
                    break;

                place += 15;
                continue;
            }

            place += run;
            if (place >= BlockSize)
                throw new CodecException("The JPEG codestream has more coefficients than a block.");

            block[Zigzag[place]] = bits.Receive(size) * quantization[place];
        }

        return dc;
    }

    private static void Store(ReadOnlySpan<int> block, int blockRow, int blockColumn, int sample, FrameDescription frame, Span<byte> native)
    {
        var (rows, columns) = (Math.Min(8, frame.Rows - (8 * blockRow)), Math.Min(8, frame.Columns - (8 * blockColumn)));
        for (var row = 0; row < rows; row++)
        {
            var first = (((((8 * blockRow) + row) * frame.Columns) + (8 * blockColumn)) * frame.SamplesPerPixel) + sample;
            for (var column = 0; column < columns; column++)
            {
                var (at, value) = (first + (column * frame.SamplesPerPixel), block[(8 * row) + column]);
                if (frame.BitsAllocated == 8)
                    native[at] = (byte)value;
                else
                    BinaryPrimitives.WriteUInt16LittleEndian(native[(2 * at)..], (ushort)value);
            }
        }
    }
}
