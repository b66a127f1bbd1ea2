namespace SecureStore.Codecs.Jpeg;

/// <summary>The bits of an entropy-coded segment (ISO/IEC 10918-1 F.2.2.5): up to the next marker, stuffed zeros left out.</summary>
internal ref struct JpegBits(ReadOnlySpan<byte> codestream, int position)
{
    private readonly ReadOnlySpan<byte> codestream = codestream;
    private ulong bits;
    private int count;

    /// <summary>The next byte that has not been taken in.</summary>
    public int Position { get; private set; } = position;

    /// <summary>The next bits, 1 to 16; zeros behind the segment's end.</summary>
    public int Peek(int length)
    {
        if (count < length)
            Fill();

        return count >= length
            ? (int)(bits >> (count - length)) & ((1 << length) - 1)
            : (int)(bits << (length - count)) & ((1 << length) - 1);
    }

    /// <exception cref="CodecException">The segment has not as many.</exception>
    public void Skip(int length)
    {
        if (count < length)
            throw new CodecException("The JPEG codestream ends before its image does.");

        count -= length;
    }

    /// <summary>A number of so many bits as differences and coefficients are written (F.2.2.1, EXTEND); 0 bits are 0.</summary>
    public int Receive(int length)
    {
        if (length == 0)
            return 0;

        var value = Peek(length);
        Skip(length);
        return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
    }

    /// <summary>Goes over a restart marker, which has to be there.</summary>
    /// <param name="index">0 to 7.</param>
    public void Restart(int index)
    {
        (bits, count) = (0, 0);

        // The position is at the marker, or before it where bytes that nothing needs are left.
        while (Position + 1 < codestream.Length && !(codestream[Position] == 0xFF && codestream[Position + 1] is not 0 and not 0xFF))
            Position++;

        if (Position + 1 >= codestream.Length || codestream[Position + 1] != 0xD0 + index)
            throw new CodecException("A JPEG restart marker is missing.");

        Position += 2;
    }

    private void Fill()
    {
        while (count <= 48 && Position < codestream.Length)
        {
            var next = codestream[Position];
            if (next == 0xFF)
            {
                if (Position + 1 >= codestream.Length || codestream[Position + 1] != 0)
                    return;

                Position++;
            }

            Position++;
            bits = (bits << 8) | next;
            count += 8;
        }
    }
}
