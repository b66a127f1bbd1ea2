namespace SecureStore.Dicom.Network;

/// <summary>Some bytes, then a stream; read once, forwards.</summary>
/// <param name="prefix">What comes first.</param>
/// <param name="rest">What comes then; not disposed.</param>
/// <param name="limit">The most bytes that may come; more is a <see cref="DicomDataException"/>.</param>
internal sealed class PrefixedStream(byte[] prefix, Stream rest, long limit = long.MaxValue) : ForwardStream
{
    private long _read;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        if (_read < prefix.Length)
        {
            read = Math.Min(buffer.Length, prefix.Length - (int)_read);
            prefix.AsSpan((int)_read, read).CopyTo(buffer.Span);
        }
        else
        {
            read = await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        _read += read;
        return _read - prefix.Length <= limit ? read : throw new DicomDataException("The data set is longer than such a message may have.");
    }
}
