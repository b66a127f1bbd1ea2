namespace SecureStore.Codecs;

/// <summary>A frame cannot be decompressed, or a message not be read. The message is a sentence of ours: nothing of the input stands in it.</summary>
public sealed class CodecException : Exception
{
    public CodecException()
    {
    }

    public CodecException(string message)
        : base(message)
    {
    }

    public CodecException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
