namespace SecureStore.Grains.Vault;

/// <summary>The vault cannot be used as it is set up. The message is one sentence for the operator and names the setting.</summary>
public sealed class VaultException(string message, Exception? inner = null) : Exception(message, inner);
