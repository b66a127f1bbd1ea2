using System.Net;

namespace SecureStore.Client;

/// <summary>
/// The archive refused, failed, or could not be reached. The message is one sentence for a person; it may hold words that the
/// archive sent, so it is to be cleaned before it goes to a terminal.
/// </summary>
public sealed class SecureStoreException : Exception
{
    public SecureStoreException(string message, HttpStatusCode? status = null)
        : base(message) => Status = status;

    public SecureStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The HTTP status of the answer; null where there was none.</summary>
    public HttpStatusCode? Status { get; init; }
}
