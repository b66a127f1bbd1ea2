using System.Buffers;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>A stored file from some byte on, as a stream that is read once, forwards.</summary>
internal sealed class InstanceStream(IReadSession session, InstanceRecord instance, long start) : ForwardStream
{
    private const int BlockSize = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _block = new(BlockSize);
    private long _next = start;
    private int _taken;

    public override long Position
    {
        get => _next - _block.WrittenCount + _taken;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_taken == _block.WrittenCount && _next < instance.Object.Length)
        {
            var length = Math.Min(BlockSize, instance.Object.Length - _next);
            _block.ResetWrittenCount();
            _taken = 0;
            await session.CopyAsync(instance, _next, length, _block, static _ => ValueTask.CompletedTask, cancellationToken);
            _next += length;
        }

        var count = Math.Min(buffer.Length, _block.WrittenCount - _taken);
        _block.WrittenMemory.Slice(_taken, count).CopyTo(buffer);
        _taken += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _block.Clear();
        base.Dispose(disposing);
    }
}
