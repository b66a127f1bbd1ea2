using System.Buffers;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// A response's body that begins at its first flush: until then what was written is held back, so that a failure on the way
/// can still be answered with its own status.
/// </summary>
internal sealed class ResponseBody(HttpResponse response) : IBufferWriter<byte>
{
    private const int FlushAt = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _held = new();
    private bool _hasBegun;
    private int _waiting;

    public Memory<byte> GetMemory(int sizeHint = 0) =>
        _hasBegun ? response.BodyWriter.GetMemory(sizeHint) : _held.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _hasBegun ? response.BodyWriter.GetSpan(sizeHint) : _held.GetSpan(sizeHint);

    public void Advance(int count)
    {
        _waiting += count;
        if (_hasBegun)
        {
            response.BodyWriter.Advance(count);
        }
        else
        {
            _held.Advance(count);
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
            _hasBegun = true;
            response.BodyWriter.Write(_held.WrittenSpan);
            _held.Clear();
        }

        _waiting = 0;
        if ((await response.BodyWriter.FlushAsync(cancellation)).IsCompleted)
        {
            throw new OperationCanceledException("The caller has gone.");
        }
    }
}
