namespace SecureStore.Dicom.Tests;

/// <summary>Gives a few bytes a read, cannot seek, and counts what it gave.</summary>
internal sealed class TricklingStream(ReadOnlyMemory<byte> bytes, int most) : MemoryStream(bytes.ToArray(), writable: false)
{
    public int LargestRead { get; private set; }

    public override bool CanSeek => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRead = Math.Max(LargestRead, buffer.Length);
        return base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}

/// <summary>Bytes, then as many zeros as wanted, without having them in memory.</summary>
internal sealed class EndlessStream(byte[] head, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, length - _position);
        buffer.Span[..count].Clear();
        if (_position < head.Length)
        {
            count = (int)Math.Min(count, head.Length - _position);
            head.AsSpan((int)_position, count).CopyTo(buffer.Span);
        }

        _position += count;
        return ValueTask.FromResult(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
