namespace SecureStore.Dicom;

/// <summary>What is left of a buffer and its stream, as a stream: for the inflater.</summary>
internal sealed class BufferedRestStream(ForwardBuffer input) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await input.FillAsync(1, cancellationToken).ConfigureAwait(false);
        var count = Math.Min(buffer.Length, input.Available);
        input.Window[..count].CopyTo(buffer.Span);
        input.Consume(count);
        return count;
    }
}
