namespace SecureStore.Grains.Vault;

/// <summary>A sealed object is damaged, cut off, put together from others, or not sealed under this key.</summary>
public sealed class SealedObjectException(string message) : Exception(message);
