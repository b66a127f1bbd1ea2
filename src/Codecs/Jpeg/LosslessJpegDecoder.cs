using System.Buffers.Binary;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Jpeg;

/// <summary>JPEG lossless, process 14 (ISO/IEC 10918-1 annex H): all predictors, 2 to 16 bits, point transform, restart intervals.</summary>
internal static class LosslessJpegDecoder
{
    /// <exception cref="CodecException">The codestream is damaged.</exception>
    public static void Decode(ReadOnlySpan<byte> codestream, JpegFrame header, FrameDescription frame, Span<byte> native)
    {
        if (header.Precision is < 2 or > 16 || !header.IsWholeSize)
            throw new CodecException("A lossless JPEG codestream of this kind is not decompressed here.");

        JpegScans.Decode(
            codestream, header, native,
            (codestream, position, scan, tables, native) => DecodeScan(codestream, position, header, scan, tables.RestartInterval, frame, native));
    }

    /// <returns>Where the scan ended.</returns>
    private static int DecodeScan(
        ReadOnlySpan<byte> codestream, int position, JpegFrame header, JpegScan scan, int restartInterval, FrameDescription frame, Span<byte> native)
    {
        if (scan.Predictor is < 1 or > 7 || scan.PointTransform >= header.Precision || scan.Components.Any(component => component.Dc is null))
            throw new CodecException("A JPEG scan header is damaged.");

        if (restartInterval % header.Columns != 0)
            throw new CodecException("A JPEG restart interval does not end with a line.");

        var bits = new JpegBits(codestream, position);
        var rowsToRestart = restartInterval == 0 ? int.MaxValue : restartInterval / header.Columns;
        var restarts = 0;
        var count = scan.Components.Count;
        var middle = 1 << (header.Precision - scan.PointTransform - 1);

        // A line of each component, and the one above it, each behind a sample that stands for what is left of it.
        var lines = new ushort[count][];
        var above = new ushort[count][];
        for (var i = 0; i < count; i++)
            (lines[i], above[i]) = (new ushort[header.Columns], new ushort[header.Columns]);

        for (var row = 0; row < header.Rows; row++)
        {
            var isFirst = row == 0;
            if (row > 0 && row % rowsToRestart == 0)
            {
                bits.Restart(restarts++ & 7);
                isFirst = true;
            }

            if (count == 1)
            {
                DecodeLine(ref bits, scan.Components[0].Dc!, isFirst ? 1 : scan.Predictor, isFirst ? middle : above[0][0], lines[0], above[0]);
            }
            else
            {
                for (var column = 0; column < header.Columns; column++)
                {
                    for (var i = 0; i < count; i++)
                        DecodeSample(ref bits, scan.Components[i].Dc!, isFirst, scan.Predictor, middle, column, lines[i], above[i]);
                }
            }

            for (var i = 0; i < count; i++)
            {
                Store(lines[i], scan.PointTransform, row, scan.Components[i].Index, frame, native);
                (lines[i], above[i]) = (above[i], lines[i]);
            }
        }

        return bits.Position;
    }

    private static void DecodeSample(
        ref JpegBits bits, HuffmanTable table, bool isFirst, int predictor, int middle, int column, ushort[] line, ushort[] above)
    {
        var prediction = column == 0 ? (isFirst ? middle : above[0])
            : isFirst ? line[column - 1]
            : Predict(predictor, line[column - 1], above[column], above[column - 1]);
        line[column] = (ushort)(prediction + Difference(ref bits, table));
    }

    /// <param name="predictor">Of all samples but the first.</param>
    /// <param name="first">What is predicted of the first sample.</param>
    private static void DecodeLine(ref JpegBits bits, HuffmanTable table, int predictor, int first, ushort[] line, ushort[] above)
    {
        var left = line[0] = (ushort)(first + Difference(ref bits, table));
        for (var column = 1; column < line.Length; column++)
        {
            var prediction = predictor == 1 ? left : Predict(predictor, left, above[column], above[column - 1]);
            line[column] = left = (ushort)(prediction + Difference(ref bits, table));
        }
    }

    /// <summary>The predictors of table H.1; sums are modulo 2^16, halves are rounded down.</summary>
    private static int Predict(int predictor, int left, int up, int upLeft) => predictor switch
    {
        1 => left,
        2 => up,
        3 => upLeft,
        4 => left + up - upLeft,
        5 => left + ((up - upLeft) >> 1),
        6 => up + ((left - upLeft) >> 1),
        _ => (left + up) >> 1,
    };

    private static int Difference(ref JpegBits bits, HuffmanTable table)
    {
        var length = table.Decode(ref bits);
        return length < 16 ? bits.Receive(length)
            : length == 16 ? 32768
            : throw new CodecException("The JPEG codestream has a difference that cannot be.");
    }

    private static void Store(ReadOnlySpan<ushort> line, int shift, int row, int sample, FrameDescription frame, Span<byte> native)
    {
        var samples = frame.SamplesPerPixel;
        var first = (row * frame.Columns * samples) + sample;
        if (frame.BitsAllocated == 8)
        {
            for (var column = 0; column < line.Length; column++)
                native[first + (column * samples)] = (byte)(line[column] << shift);
        }
        else
        {
            for (var column = 0; column < line.Length; column++)
                BinaryPrimitives.WriteUInt16LittleEndian(native[(2 * (first + (column * samples)))..], (ushort)(line[column] << shift));
        }
    }
}
