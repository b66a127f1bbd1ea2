using System.Buffers;
using System.Buffers.Binary;

namespace SecureStore.Dicom.Network;

/// <summary>
/// Sends a data set of known length in P-DATA-TF PDUs (PS3.8 annex E), each full but the last. To be completed or thrown away with its association.
/// Fragments have an even length (PS3.8 E.1): a data set of an odd one, as a deflated file may have, gets the NULL byte at its end that PS3.5 A.5 asks for.
/// </summary>
internal sealed class DatasetWriter : IBufferWriter<byte>, IDisposable
{
    /// <summary>Of a PDU with one fragment: type, reserved, length; length, context, message control header.</summary>
    public const int HeaderSize = 12;

    /// <summary>What is kept free behind the data set, for a byte that makes it even.</summary>
    private const int Padding = 1;

    private readonly PduStream _stream;
    private readonly byte _context;
    private readonly int _most;
    private byte[] _buffer;
    private int _filled;
    private long _left;

    /// <param name="length">Bytes that will be written, 1 or more.</param>
    /// <param name="pduLength">What the peer takes in a PDU, an even number.</param>
    public DatasetWriter(PduStream stream, byte context, long length, int pduLength)
    {
        (_stream, _context, _left, _most) = (stream, context, length, pduLength - (HeaderSize - 6));
        _buffer = ArrayPool<byte>.Shared.Rent(HeaderSize + (2 * _most) + Padding);
    }

    private int Free => _buffer.Length - HeaderSize - _filled - Padding;

    /// <summary>Bytes that may still be written.</summary>
    public long Left => _left - _filled;

    public static void WriteHeaders(Span<byte> target, byte context, int length, bool isCommand, bool isLast)
    {
        target[0] = (byte)PduType.DataTF;
        target[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)length + 6);
        BinaryPrimitives.WriteUInt32BigEndian(target[6..], (uint)length + 2);
        target[10] = context;
        target[11] = (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Left);
        _filled += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (Free < Math.Max(sizeHint, 1))
            Grow(sizeHint);

        return _buffer.AsMemory(HeaderSize + _filled, Free);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Sends what fills whole PDUs, and at the end of the data set the rest.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        var sent = 0;
        while (_filled - sent >= _most || (_filled - sent > 0 && _filled - sent == _left))
        {
            cancellation.ThrowIfCancellationRequested();
            var length = Math.Min(_most, _filled - sent);
            _left -= length;

            // Only the last can be odd.
            var padding = length % 2;
            if (padding > 0)
                _buffer[HeaderSize + sent + length] = 0;

            // The headers go over the end of what was sent before.
            WriteHeaders(_buffer.AsSpan(sent), _context, length + padding, isCommand: false, isLast: _left == 0);
            await _stream.WriteAsync(_buffer.AsMemory(sent, HeaderSize + length + padding), cancellation).ConfigureAwait(false);
            sent += length;
        }

        _buffer.AsSpan(HeaderSize + sent, _filled - sent).CopyTo(_buffer.AsSpan(HeaderSize));
        _filled -= sent;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
    }

    private void Grow(int sizeHint)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(HeaderSize + _filled + sizeHint + Padding, 2 * _buffer.Length));
        _buffer.AsSpan(0, HeaderSize + _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
