using System.Buffers;

namespace SecureStore.Dicom.Network;

/// <summary>
/// A connection's bytes, buffered on the way in and never waited for without a limit. One reader and one writer at a time, beside each other.
/// </summary>
internal sealed class PduStream(Stream stream, DicomNetworkLimits limits, TimeProvider time) : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly CancellationTokenSource _reading = new(Timeout.InfiniteTimeSpan, time);
    private readonly CancellationTokenSource _writing = new(Timeout.InfiniteTimeSpan, time);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private TimeSpan _limit = limits.Association;
    private TimeSpan _left = limits.Association;
    private TimeSpan _waited;
    private long _received;
    private bool _checksRate;
    private bool _isReceiving;

    /// <summary>From here on the whole of what is read has this much time; waiting for it begins anew.</summary>
    public void Allow(TimeSpan inAll) => (_limit, _left, _checksRate) = (inAll, inAll, false);

    /// <summary>From here on a message is read: each wait is limited, and so is how slowly it may trickle.</summary>
    public void BeginMessage() => (_limit, _waited, _received, _checksRate) = (limits.Stall, TimeSpan.Zero, 0, true);

    /// <summary>Up to <paramref name="target"/>'s length; 0 where the peer has closed the connection.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> target)
    {
        if (_start == _end)
        {
            if (target.Length >= BufferSize / 2)
                return await ReceiveAsync(target).ConfigureAwait(false);

            (_start, _end) = (0, await ReceiveAsync(_buffer).ConfigureAwait(false));
        }

        var read = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, read).CopyTo(target.Span);
        _start += read;
        return read;
    }

    /// <summary>Exactly that many bytes.</summary>
    /// <returns>False where the peer had closed the connection before the first.</returns>
    public async ValueTask<bool> ReadExactlyAsync(Memory<byte> target)
    {
        for (var read = 0; read < target.Length;)
        {
            var more = await ReadAsync(target[read..]).ConfigureAwait(false);
            if (more == 0)
                return read == 0 ? false : throw new DicomAssociationAbortedException("The connection ended within a PDU.");

            read += more;
        }

        return true;
    }

    /// <summary>Waits for a read that was begun without a limit; from now on it has one.</summary>
    public async ValueTask<T> WaitAsync<T>(Task<T> reading, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            return await reading.WaitAsync(limit, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new DicomAssociationAbortedException("The peer was silent for too long.");
        }
    }

    /// <param name="cancellation">Breaks the write off, even within a PDU: nothing more can be written then.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        using var stop = cancellation.UnsafeRegister(static writing => ((CancellationTokenSource)writing!).Cancel(), _writing);
        try
        {
            _writing.CancelAfter(limits.Stall);
            await stream.WriteAsync(bytes, _writing.Token).ConfigureAwait(false);
            _writing.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or ObjectDisposedException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new DicomAssociationAbortedException(broken is OperationCanceledException ? "The peer does not take what is sent." : "The connection broke.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reading.CancelAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        var buffer = _buffer;
        _buffer = [];

        // What a read may still be writing to is nobody else's.
        if (buffer.Length > 0 && !_isReceiving)
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> target)
    {
        _isReceiving = true;
        try
        {
            var receiving = stream.ReadAsync(target, _reading.Token);
            var read = receiving.IsCompletedSuccessfully ? Received(receiving.Result) : await WaitAsync(receiving).ConfigureAwait(false);
            _isReceiving = false;
            return read;
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or ObjectDisposedException)
        {
            throw new DicomAssociationAbortedException(broken is OperationCanceledException ? "The peer was silent for too long." : "The connection broke.");
        }
    }

    private int Received(int read)
    {
        _received += read;
        return read;
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> receiving)
    {
        var started = time.GetTimestamp();
        _reading.CancelAfter(_checksRate ? _limit : _left);
        var read = Received(await receiving.ConfigureAwait(false));
        _reading.CancelAfter(Timeout.InfiniteTimeSpan);
        var waited = time.GetElapsedTime(started);
        if (!_checksRate)
        {
            if (_limit != Timeout.InfiniteTimeSpan && (_left -= waited) <= TimeSpan.Zero)
                throw new OperationCanceledException();

            return read;
        }

        if ((_waited += waited) >= limits.Stall)
        {
            if (_received < limits.MinBytesPerSecond * _waited.TotalSeconds)
                throw new OperationCanceledException();

            (_waited, _received) = (TimeSpan.Zero, 0);
        }

        return read;
    }
}
