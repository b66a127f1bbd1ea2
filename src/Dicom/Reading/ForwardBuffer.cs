using System.Buffers;

namespace SecureStore.Dicom;

/// <summary>A window on a stream that is read once, forwards. It grows only as bytes really arrive.</summary>
internal sealed class ForwardBuffer(Stream source, long maxBytes = long.MaxValue) : IDisposable
{
    private const int ReadSize = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
    private int _start;
    private int _end;

    /// <summary>Bytes of the stream before the window.</summary>
    public long Position { get; private set; }

    public bool IsEnded { get; private set; }

    public ReadOnlySpan<byte> Window => _buffer.AsSpan(_start, _end - _start);

    public int Available => _end - _start;

    public void Consume(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>Reads until <paramref name="needed"/> bytes are in the window, or the stream ends.</summary>
    public async ValueTask FillAsync(int needed, CancellationToken cancellation)
    {
        while (Available < needed && !IsEnded)
        {
            MakeRoom();
            var read = await source.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            _end += read;
            IsEnded = read == 0;
            if (Position + Available > maxBytes)
            {
                throw new DicomDataException("The data set is longer than the limit allows.");
            }
        }
    }

    /// <summary>Brings more of what nobody looks at: into the window, or past it where the stream can.</summary>
    /// <param name="count">Bytes that are to be dropped, 1 or more.</param>
    /// <returns>Bytes that went past the window.</returns>
    public async ValueTask<long> PassOverAsync(long count, CancellationToken cancellation)
    {
        if (source is not IPassedOver passing || Available > 0)
        {
            await FillAsync(1, cancellation).ConfigureAwait(false);
            return 0;
        }

        var passed = await passing.PassOverAsync(count, cancellation).ConfigureAwait(false);
        Position += passed;
        IsEnded = passed == 0;
        return passed;
    }

    /// <summary>Reads what is left of the stream and drops it.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellation)
    {
        while (!IsEnded || Available > 0)
        {
            Consume(Available);
            await FillAsync(1, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        (_start, _end) = (0, 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private void MakeRoom()
    {
        if (Available == 0)
        {
            (_start, _end) = (0, 0);
            return;
        }

        if (_buffer.Length - _end >= ReadSize / 2)
        {
            return;
        }

        var target = _buffer;
        if (Available > _buffer.Length / 2)
        {
            target = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        }

        Window.CopyTo(target);
        (_start, _end) = (0, Available);
        if (!ReferenceEquals(target, _buffer))
        {
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = target;
        }
    }
}
