using System.Buffers;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// A response's body that begins at its first flush: until then what was written is held back, so that a failure on the way
/// can still be answered with its own status.
/// </summary>
internal sealed class ResponseBody(HttpResponse response) : IBufferWriter<byte>, IDisposable
{
    private const int FlushAt = 64 * 1024;
    private const int MinHeld = 16 * 1024;
    private const int MaxExpected = 1024 * 1024;

    private byte[] _held = [];
    private int _heldLength;
    private bool _hasBegun;
    private int _waiting;

    public Memory<byte> GetMemory(int sizeHint = 0) =>
        _hasBegun ? response.BodyWriter.GetMemory(sizeHint) : Hold(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _hasBegun ? response.BodyWriter.GetSpan(sizeHint) : Hold(sizeHint).Span;

    public void Advance(int count)
    {
        _waiting += count;
        if (_hasBegun)
        {
            response.BodyWriter.Advance(count);
        }
        else
        {
            _heldLength += count;
        }
    }

    /// <summary>Flushes once a good portion waits.</summary>
    public ValueTask FlushIfFullAsync(CancellationToken cancellation) =>
        _waiting >= FlushAt ? FlushAsync(cancellation) : ValueTask.CompletedTask;

    /// <summary>Sends what was written, and waits while the caller is slow to take it.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (!_hasBegun)
        {
            await response.StartAsync(cancellation);
            _hasBegun = true;
            response.BodyWriter.Write(_held.AsSpan(0, _heldLength));
            Dispose();
        }

        _waiting = 0;
        if ((await response.BodyWriter.FlushAsync(cancellation)).IsCompleted)
        {
            throw new OperationCanceledException("The caller has gone.");
        }
    }

    public void Dispose()
    {
        if (_held.Length > 0)
        {
            _held.AsSpan(0, _heldLength).Clear();
            ArrayPool<byte>.Shared.Return(_held);
            (_held, _heldLength) = ([], 0);
        }
    }

    private Memory<byte> Hold(int sizeHint)
    {
        var needed = _heldLength + Math.Max(sizeHint, 1);
        if (needed > _held.Length)
        {
            var expected = (int)Math.Min(response.ContentLength ?? 0, MaxExpected);
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(needed, 2 * _held.Length), Math.Max(expected, MinHeld)));
            var length = _heldLength;
            _held.AsSpan(0, length).CopyTo(larger);
            Dispose();
            (_held, _heldLength) = (larger, length);
        }

        return _held.AsMemory(_heldLength);
    }
}
