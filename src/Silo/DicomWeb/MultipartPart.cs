using SecureStore.Dicom;

namespace SecureStore.Silo.DicomWeb;

/// <summary>One part of a multipart body, read once and forwards, until the next part is asked for.</summary>
internal sealed class MultipartPart(MultipartPartReader reader) : ForwardStream
{
    private long _position;

    /// <summary>The part's Content-Type as it stands there, or null.</summary>
    public string? ContentType { get; init; }

    /// <summary>Whether the part is announced as application/dicom, or not at all: then the request's type holds.</summary>
    public bool IsDicom => ContentType is null || (MediaRange.TryParse(ContentType, out var type) && type.Type == Representation.Dicom);

    /// <summary>Bytes read so far.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await reader.ReadAsync(this, buffer, cancellationToken);
        _position += read;
        return read;
    }
}
