namespace SecureStore.Client.Http;

/// <summary>A file of this machine could not be read while it was being sent.</summary>
sealed class UnreadableFileException(string path, string reason, Exception? inner = null) : IOException(reason, inner)
{
    public string Path { get; } = path;
}
