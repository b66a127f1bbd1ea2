namespace SecureStore.Grains.Vault;

/// <summary>What a certificate states of a study key's end.</summary>
/// <param name="Live">From this moment on the running system cannot open the study.</param>
/// <param name="BeyondBackups">
/// From this moment on nobody can, whatever backups of the vault hold: the end of the last epoch that wrapped the old keys,
/// the backup window, and the provider's deletion delay, where maintenance runs on time.
/// </param>
/// <param name="Provider">Who kept the epoch key.</param>
/// <param name="Pages">The pages that were given new keys: the old ones are to go from every silo's memory.</param>
[GenerateSerializer, Immutable, Alias("securestore.KeyDestruction")]
public sealed record KeyDestruction(
    [property: Id(0)] DateTimeOffset Live,
    [property: Id(1)] DateTimeOffset BeyondBackups,
    [property: Id(2)] string Provider,
    [property: Id(3)] RotatedPage[] Pages);
