using SecureStore.Dicom;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>A sealed part as a stream that is read once, forwards.</summary>
internal sealed class SealedPartStream(SealedPartReader reader, long length) : ForwardStream
{
    private const int MostARead = 256 * 1024;

    private long position;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(Math.Min(buffer.Length, MostARead), length - position);
        if (count > 0)
        {
            await reader.ReadAsync(position, buffer[..count], cancellationToken);
            position += count;
        }

        return count;
    }
}
