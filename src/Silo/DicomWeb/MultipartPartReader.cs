using System.Buffers;
using System.Text;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Reads the parts of a multipart body (RFC 2046 5.1) one after the other, each as a stream, through one buffer of a fixed
/// size whatever the body says.
/// </summary>
internal sealed class MultipartPartReader : IDisposable
{
    /// <summary>The longest boundary that is taken, in characters. RFC 2046 5.1.1 allows 70; Orthanc's DICOMweb plugin sends 73.</summary>
    public const int MaxBoundaryLength = 200;

    /// <summary>Most bytes in the header fields of one part.</summary>
    public const int MaxHeaderBytes = 16 * 1024;

    /// <summary>Most bytes before the first boundary.</summary>
    public const int MaxPreambleBytes = 64 * 1024;

    private const int BufferSize = 128 * 1024;

    private readonly Stream _source;
    private readonly byte[] _delimiter;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;

    /// <summary>Up to here the buffer is known to hold bytes of the current part only.</summary>
    private int _clear;
    private bool _atDelimiter;
    private MultipartPart? _current;
    private bool _ended;
    private State _state = State.Preamble;

    public MultipartPartReader(Stream source, string boundary)
    {
        if (!IsBoundary(boundary))
        {
            throw new MultipartException("The boundary is too long, or has characters that RFC 2046 5.1.1 does not allow.");
        }

        _source = source;
        _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);

        // The first delimiter may lack its line break; with one put in front of the body it is like the others.
        "\r\n"u8.CopyTo(_buffer);
        _end = 2;
    }

    private enum State
    {
        Preamble,
        Header,
        Part,
        Finished,
        Failed,
    }

    /// <summary>What broke the body, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether text is a boundary: 1 to 200 of the characters in RFC 2046 5.1.1, no space at the end.</summary>
    public static bool IsBoundary(ReadOnlySpan<char> boundary) =>
        boundary.Length is > 0 and <= MaxBoundaryLength && boundary[^1] != ' ' && !boundary.ContainsAnyExcept(BoundaryCharacters);

    private static readonly SearchValues<char> BoundaryCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? ");

    /// <summary>Goes to the next part, passing over what is left of the current one; null after the last.</summary>
    /// <exception cref="MultipartException">The body is broken or cut off.</exception>
    public async ValueTask<MultipartPart?> NextPartAsync(CancellationToken cancellation)
    {
        if (_state is State.Preamble)
        {
            await SkipPreambleAsync(cancellation);
            await PassDelimiterAsync(cancellation);
        }

        while (_state is State.Part && await AvailableAsync(cancellation) is var count and > 0)
        {
            _start += count;
        }

        ObjectDisposedException.ThrowIf(_state is State.Failed, this);
        if (_state is State.Finished)
        {
            return null;
        }

        _current = new MultipartPart(this) { ContentType = await ReadHeaderAsync(cancellation) };
        _state = State.Part;
        return _current;
    }

    /// <summary>Reads bytes of a part; 0 at its end, which is where a well-formed delimiter has been seen.</summary>
    internal async ValueTask<int> ReadAsync(MultipartPart part, Memory<byte> destination, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_state is State.Failed, this);
        if (part != _current || _state is not State.Part || destination.IsEmpty)
        {
            return 0;
        }

        var count = Math.Min(await AvailableAsync(cancellation), destination.Length);
        _buffer.AsSpan(_start, count).CopyTo(destination.Span);
        _start += count;
        return count;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = [];
            _state = State.Failed;
        }
    }

    /// <summary>Bytes of the current part in the buffer, at least 1; or 0, and the delimiter after the part has been passed.</summary>
    private async ValueTask<int> AvailableAsync(CancellationToken cancellation)
    {
        while (_clear == _start)
        {
            if (_atDelimiter)
            {
                await PassDelimiterAsync(cancellation);
                return 0;
            }

            await FillOrFailAsync(cancellation);
            Search();
        }

        return _clear - _start;
    }

    /// <summary>Looks for the delimiter from the first byte that is not known to be clear of it.</summary>
    private void Search()
    {
        var found = _buffer.AsSpan(_clear, _end - _clear).IndexOf(_delimiter);
        _atDelimiter = found >= 0;
        _clear = found >= 0 ? _clear + found : Math.Max(_clear, _end - _delimiter.Length + 1);
    }

    private async ValueTask SkipPreambleAsync(CancellationToken cancellation)
    {
        long skipped = 0;
        Search();
        while (!_atDelimiter)
        {
            skipped += _clear - _start;
            _start = _clear;
            if (_ended || skipped > MaxPreambleBytes)
            {
                throw Fail("The boundary of the Content-Type header does not occur in the body.");
            }

            await FillAsync(cancellation);
            Search();
        }

        _start = _clear;
    }

    private async ValueTask PassDelimiterAsync(CancellationToken cancellation)
    {
        _start += _delimiter.Length;
        await NeedAsync(2, cancellation);
        if (_buffer.AsSpan(_start, 2).SequenceEqual("--"u8))
        {
            _state = State.Finished;
            return;
        }

        for (var padding = 0; _buffer[_start] is (byte)' ' or (byte)'\t'; padding++)
        {
            if (padding == MaxBoundaryLength)
            {
                throw Fail("A boundary is followed by too much white space.");
            }

            _start++;
            await NeedAsync(2, cancellation);
        }

        if (!_buffer.AsSpan(_start, 2).SequenceEqual("\r\n"u8))
        {
            throw Fail("A boundary is followed by other characters than a line break.");
        }

        // The line break stays: it may be the first of the two that end an empty header.
        _state = State.Header;
    }

    private async ValueTask<string?> ReadHeaderAsync(CancellationToken cancellation)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (_end - _start > MaxHeaderBytes)
            {
                throw Fail("The header of a part is too long.");
            }

            await NeedAsync(_end - _start + 1, cancellation);
        }

        if (length > MaxHeaderBytes)
        {
            throw Fail("The header of a part is too long.");
        }

        var contentType = ContentTypeOf(_buffer.AsSpan(_start, length));

        // A part without a body may share its blank line with the delimiter that follows.
        _start += length + 2;
        await NeedAsync(2, cancellation);
        while (_end - _start < _delimiter.Length && !_ended && _delimiter.AsSpan().StartsWith(_buffer.AsSpan(_start, _end - _start)))
        {
            await FillAsync(cancellation);
        }

        if (!_buffer.AsSpan(_start, _end - _start).StartsWith(_delimiter))
        {
            _start += 2;
        }

        _clear = _start;
        Search();
        return contentType;
    }

    private static string? ContentTypeOf(ReadOnlySpan<byte> header)
    {
        var text = Encoding.Latin1.GetString(header);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && line[..colon].Trim().Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                return line[(colon + 1)..].Trim().ToString();
            }
        }

        return null;
    }

    private async ValueTask NeedAsync(int count, CancellationToken cancellation)
    {
        while (_end - _start < count)
        {
            await FillOrFailAsync(cancellation);
        }
    }

    private async ValueTask FillOrFailAsync(CancellationToken cancellation)
    {
        if (_ended)
        {
            throw Fail("The body is cut off: its closing boundary is missing.");
        }

        await FillAsync(cancellation);
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_clear, _end, _start) = (Math.Max(_clear - _start, 0), _end - _start, 0);
        }

        try
        {
            var read = await _source.ReadAsync(_buffer.AsMemory(_end), cancellation);
            _end += read;
            _ended = read == 0;
        }
        catch (Exception exception)
        {
            (Failure, _state) = (exception, State.Failed);
            throw;
        }
    }

    private MultipartException Fail(string message)
    {
        var failure = new MultipartException(message);
        (Failure, _state) = (failure, State.Failed);
        return failure;
    }
}
