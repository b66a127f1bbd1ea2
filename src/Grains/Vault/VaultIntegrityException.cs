using System.Security.Cryptography;

namespace SecureStore.Grains.Vault;

/// <summary>A sealed row or wrapped key is damaged, stands in another's place, or is of another version.</summary>
public sealed class VaultIntegrityException(string message) : CryptographicException(message);
