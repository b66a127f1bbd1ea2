using System.Buffers;
using System.Text;

namespace SecureStore.Client.Http;

/// <summary>Reads lines of UTF-8 of a bounded length.</summary>
sealed class BoundedLines(Stream stream, int longest)
{
    readonly ArrayBufferWriter<byte> _line = new();
    readonly byte[] _buffer = new byte[16 * 1024];
    int _start;
    int _end;

    /// <summary>The next line without its end; null after the last.</summary>
    /// <exception cref="SecureStoreException">The line is too long.</exception>
    public async Task<string?> NextAsync(CancellationToken cancellation)
    {
        _line.ResetWrittenCount();
        while (true)
        {
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var length = newline >= 0 ? newline : _end - _start;
            if (_line.WrittenCount + length > longest)
            {
                throw new SecureStoreException("a line of the archive's answer is too long");
            }

            _line.Write(_buffer.AsSpan(_start, length));
            _start += length;
            if (newline >= 0)
            {
                _start++;
                return Line();
            }

            (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellation).ConfigureAwait(false));
            if (_end == 0)
            {
                return _line.WrittenCount > 0 ? Line() : null;
            }
        }
    }

    string Line() => Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r');
}
