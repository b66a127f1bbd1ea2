using SecureStore.Dicom;

namespace SecureStore.Silo.DicomWeb;

/// <summary>A request's body that remembers what broke it, so that its failures are told from those of the store that reads it.</summary>
internal sealed class RequestBody(Stream source) : ForwardStream
{
    private long _position;

    /// <summary>What broke the body, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await source.ReadAsync(buffer, cancellationToken);
            _position += read;
            return read;
        }
        catch (Exception exception)
        {
            Failure = exception;
            throw;
        }
    }
}
