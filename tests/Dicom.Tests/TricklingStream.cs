namespace SecureStore.Dicom.Tests;

/// <summary>Gives a few bytes a read, cannot seek, and counts what it gave.</summary>
internal class TricklingStream(ReadOnlyMemory<byte> bytes, int most) : MemoryStream(bytes.ToArray(), writable: false)
{
    public int LargestRead { get; private set; }

    public override bool CanSeek => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRead = Math.Max(LargestRead, buffer.Length);
        return base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}

/// <summary>Lets what its reader does not look at pass by itself, a few bytes at a time, and keeps all that has gone through it.</summary>
internal sealed class PassingStream(byte[] bytes, int most) : TricklingStream(bytes, most), IPassedOver
{
    public MemoryStream All { get; } = new();

    public long PassedOver { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        All.Write(buffer.Span[..read]);
        return read;
    }

    public async ValueTask<int> PassOverAsync(long atMost, CancellationToken cancellation)
    {
        var passed = await ReadAsync(new byte[Math.Min(atMost, 1000)], cancellation);
        PassedOver += passed;
        return passed;
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
