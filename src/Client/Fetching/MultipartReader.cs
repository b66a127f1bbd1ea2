using System.Net.Http.Headers;
using System.Text;

namespace SecureStore.Client.Fetching;

/// <summary>
/// Reads a multipart body (RFC 2046 5.1) forwards, part by part, in a window of fixed size. Parts are streamed; no part is ever
/// whole in memory. A body that ends before its closing boundary, or is malformed, throws <see cref="InvalidDataException"/>.
/// </summary>
sealed class MultipartReader
{
    const int WindowSize = 128 * 1024;
    const int LongestHeaders = 16 * 1024;

    // RFC 2046 5.1.1 allows 70 characters; Orthanc's DICOMweb plugin sends 73.
    const int LongestBoundary = 200;

    readonly Stream _body;
    readonly byte[] _delimiter;
    readonly byte[] _window = new byte[WindowSize];
    int _start;
    int _end;
    bool _atEnd;

    public MultipartReader(Stream body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.Latin1.GetBytes("\r\n--" + boundary);
        // The first boundary may stand at the very beginning, without its line break.
        _window[0] = (byte)'\r';
        _window[1] = (byte)'\n';
        _end = 2;
    }

    /// <summary>The boundary that multipart/related names; null for another type, or where it is not of 1 to 200 characters.</summary>
    public static string? BoundaryOf(MediaTypeHeaderValue? type) =>
        type?.MediaType == "multipart/related"
        && type.Parameters.FirstOrDefault(p => p.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"')
            is { Length: >= 1 and <= LongestBoundary } boundary
            ? boundary
            : null;

    /// <summary>
    /// Goes to the next part and returns its headers (of a repeated one the first); null after the last part. What was not
    /// copied of the part before is skipped.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>?> NextPartAsync(CancellationToken cancellation)
    {
        if (_atEnd)
        {
            return null;
        }

        await CopyPartAsync(Stream.Null, null, cancellation).ConfigureAwait(false);
        _start += _delimiter.Length;
        await FillAsync(2, cancellation).ConfigureAwait(false);
        if (_window.AsSpan(_start, 2).SequenceEqual("--"u8))
        {
            _atEnd = true;
            return null;
        }

        return await ReadHeadersAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Copies the part's body up to its end.</summary>
    public async Task CopyPartAsync(Stream output, IProgress<long>? progress, CancellationToken cancellation)
    {
        while (true)
        {
            var available = _window.AsMemory(_start, _end - _start);
            var found = available.Span.IndexOf(_delimiter);
            // What might be the beginning of a delimiter stays for the next round.
            var safe = found >= 0 ? found : Math.Max(0, available.Length - _delimiter.Length + 1);
            await output.WriteAsync(available[..safe], cancellation).ConfigureAwait(false);
            progress?.Report(safe);
            _start += safe;
            if (found >= 0)
            {
                return;
            }

            await FillAsync(_end - _start + 1, cancellation).ConfigureAwait(false);
        }
    }

    async Task<IReadOnlyDictionary<string, string>> ReadHeadersAsync(CancellationToken cancellation)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var left = LongestHeaders;
        // The first line is what follows the boundary: padding only (RFC 2046 5.1.1).
        _ = await ReadLineAsync(cancellation).ConfigureAwait(false);
        while (await ReadLineAsync(cancellation).ConfigureAwait(false) is { Length: > 0 } line)
        {
            if ((left -= line.Length) < 0)
            {
                throw new InvalidDataException("a part of the archive's answer has too many headers");
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim());
            }
        }

        return headers;
    }

    async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var searched = 0;
        while (true)
        {
            var found = _window.AsSpan(_start + searched, _end - _start - searched).IndexOf("\r\n"u8);
            if (found >= 0)
            {
                var line = Encoding.Latin1.GetString(_window, _start, searched + found);
                _start += searched + found + 2;
                return line;
            }

            searched = Math.Max(0, _end - _start - 1);
            if (searched > LongestHeaders)
            {
                throw new InvalidDataException("a part of the archive's answer has too long a header");
            }

            await FillAsync(_end - _start + 1, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Reads until at least <paramref name="count"/> bytes stand in the window.</summary>
    async Task FillAsync(int count, CancellationToken cancellation)
    {
        if (_end - _start >= count)
        {
            return;
        }

        _window.AsSpan(_start, _end - _start).CopyTo(_window);
        _end -= _start;
        _start = 0;
        while (_end - _start < count)
        {
            var read = await _body.ReadAsync(_window.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                throw new InvalidDataException("the archive's answer broke off");
            }

            _end += read;
        }
    }
}
