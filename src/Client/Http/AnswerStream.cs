using SecureStore.Dicom;

namespace SecureStore.Client.Http;

/// <summary>
/// The body of an answer: of a bounded length, and not silent for long. What goes beyond that throws <see cref="InvalidDataException"/>.
/// </summary>
sealed class AnswerStream(Stream body, long most, TimeSpan patience, TimeProvider time) : ForwardStream
{
    long _left = most;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        int read;
        try
        {
            read = await body.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidDataException("the archive's answer does not go on");
        }

        return (_left -= read) >= 0 ? read : throw new InvalidDataException("the archive's answer is too long");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
