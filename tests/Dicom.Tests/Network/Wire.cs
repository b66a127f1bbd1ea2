namespace SecureStore.Dicom.Tests.Network;

/// <summary>A connection whose peer has said all it will say. Cuts what is read as told, and keeps what is written.</summary>
internal sealed class Wire(ReadOnlyMemory<byte> incoming, Func<int>? cut = null) : ForwardStream
{
    private int _at;

    public MemoryStream Sent { get; } = new();

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Math.Min(Math.Min(buffer.Length, cut?.Invoke() ?? int.MaxValue), incoming.Length - _at);
        incoming.Slice(_at, read).CopyTo(buffer);
        _at += read;
        return ValueTask.FromResult(read);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Sent.Write(buffer.Span);
        return default;
    }
}
