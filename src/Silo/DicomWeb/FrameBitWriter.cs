using System.Buffers;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Turns stored native pixel data into a little-endian frame on its way out: words are turned round, and a frame that begins
/// within a byte is moved to begin with one (bits count from the lowest, PS3.5 8.1.1). What fills its last byte is zero.
/// </summary>
internal sealed class FrameBitWriter(IBufferWriter<byte> output, int wordSize, long skippedBits, long bits) : IBufferWriter<byte>, IDisposable
{
    private const int BufferSize = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private readonly int _shift = (int)(skippedBits % 8);
    private long _skippedBytes = skippedBits / 8;
    private long _left = (bits + 7) / 8;

    /// <summary>Bytes of a word that is not whole yet.</summary>
    private int _partial;

    /// <summary>With a shift: the byte whose upper bits begin the next one, or -1.</summary>
    private int _carried = -1;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _partial < Math.Max(sizeHint, 1))
        {
            var larger = ArrayPool<byte>.Shared.Rent(_partial + sizeHint);
            _buffer.AsSpan(0, _partial).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = larger;
        }

        return _buffer.AsMemory(_partial);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        var available = _partial + count;
        var whole = available / wordSize * wordSize;
        var words = _buffer.AsSpan(0, whole);
        if (wordSize > 1)
        {
            for (var i = 0; i < whole; i += wordSize)
            {
                words.Slice(i, wordSize).Reverse();
            }
        }

        Emit(words);
        _partial = available - whole;
        _buffer.AsSpan(whole, _partial).CopyTo(_buffer);
    }

    /// <summary>Writes the last byte, where its bits came without a following one.</summary>
    public void Complete()
    {
        if (_carried >= 0)
        {
            Put([(byte)(_carried >> _shift)]);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = [];
    }

    private void Emit(Span<byte> bytes)
    {
        var skipped = (int)Math.Min(_skippedBytes, bytes.Length);
        _skippedBytes -= skipped;
        bytes = bytes[skipped..];
        if (_shift > 0)
        {
            bytes = Shift(bytes);
        }

        Put(bytes);
    }

    /// <summary>Moves the bits in place; the result is a byte shorter where this is the first portion.</summary>
    private Span<byte> Shift(Span<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return bytes;
        }

        var first = _carried < 0 ? 1 : 0;
        var carried = first == 1 ? bytes[0] : _carried;
        for (var i = first; i < bytes.Length; i++)
        {
            var next = bytes[i];
            bytes[i - first] = (byte)((carried >> _shift) | (next << (8 - _shift)));
            carried = next;
        }

        _carried = carried;
        return bytes[..^first];
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..(int)Math.Min(bytes.Length, _left)];
        if (bytes.IsEmpty)
        {
            return;
        }

        _left -= bytes.Length;
        if (_left > 0 || bits % 8 == 0)
        {
            output.Write(bytes);
            return;
        }

        output.Write(bytes[..^1]);
        output.Write([(byte)(bytes[^1] & ((1 << (int)(bits % 8)) - 1))]);
    }
}
