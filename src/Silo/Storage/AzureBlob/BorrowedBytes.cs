namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// A caller's bytes as a stream to send. Once it is disposed nothing reads them any more, not even a try that was given up
/// and whose connection is still closing: the caller may use the memory again.
/// </summary>
internal sealed class BorrowedBytes(ReadOnlyMemory<byte> bytes) : Stream
{
    private readonly Lock gate = new();
    private ReadOnlyMemory<byte> lent = bytes;
    private bool returned;
    private int position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = bytes.Length;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Length);
            position = (int)value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(returned, this);
            var count = Math.Min(buffer.Length, lent.Length - position);
            lent.Span.Slice(position, count).CopyTo(buffer);
            position += count;
            return count;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (gate)
        {
            returned = true;
            lent = default;
        }

        base.Dispose(disposing);
    }
}
