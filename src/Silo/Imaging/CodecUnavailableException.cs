namespace SecureStore.Silo.Imaging;

/// <summary>No worker can take the request now: there are too many, or none starts.</summary>
internal sealed class CodecUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
