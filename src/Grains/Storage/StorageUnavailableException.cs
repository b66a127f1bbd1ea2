namespace SecureStore.Grains.Storage;

/// <summary>Storage fails for now (full, locked, away): trying again later may help. Nothing that was acknowledged is lost.</summary>
public sealed class StorageUnavailableException : Exception
{
    public StorageUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
