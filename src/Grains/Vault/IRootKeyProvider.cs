namespace SecureStore.Grains.Vault;

/// <summary>
/// Keeps the epoch keys, and wraps and unwraps with them by AES-256-GCM; they never leave it. All members may be called
/// concurrently.
/// </summary>
public interface IRootKeyProvider
{
    /// <summary>What a certificate of destruction calls it.</summary>
    string Name { get; }

    /// <summary>How long after <see cref="DestroyEpoch"/> the provider itself may still restore a key.</summary>
    TimeSpan DeletionDelay { get; }

    /// <summary>Epochs whose keys it has.</summary>
    IReadOnlyList<EpochId> Epochs { get; }

    bool HasEpoch(EpochId epoch);

    /// <summary>Makes an epoch's key, durably.</summary>
    /// <exception cref="VaultException">The provider does not work, or has this epoch.</exception>
    void CreateEpoch(EpochId epoch);

    /// <summary>Destroys an epoch's key, durably. One that is not there is no error.</summary>
    /// <exception cref="VaultException">The provider does not work.</exception>
    void DestroyEpoch(EpochId epoch);

    /// <summary>Drops from this process's memory what it holds of all epochs but these. Nothing is destroyed by it.</summary>
    void Keep(IReadOnlySet<EpochId> epochs);

    /// <param name="key"><see cref="SecretKey.Size"/> bytes.</param>
    /// <param name="aad">What the wrapped key is bound to.</param>
    /// <param name="wrapped">Gets <see cref="KeyWrap.Size"/> bytes.</param>
    /// <exception cref="VaultException">The provider does not work, or has no such epoch.</exception>
    void Wrap(EpochId epoch, ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, Span<byte> wrapped);

    /// <exception cref="VaultException">The provider does not work, or has no such epoch.</exception>
    /// <exception cref="VaultIntegrityException">The wrapped key is damaged, or was wrapped in another epoch or for something else.</exception>
    SecretKey Unwrap(EpochId epoch, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> aad);
}
