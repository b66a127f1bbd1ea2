namespace SecureStore.Grains.Vault;

/// <summary>The settings under Vault:.</summary>
public sealed record VaultOptions
{
    /// <summary>
    /// Vault:BackupWindow: how old a backup of the vault may be and still be of use, 0 or more. What is destroyed is beyond
    /// recovery from backups this long after its epoch's end.
    /// </summary>
    public TimeSpan BackupWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long an epoch lasts, more than 0.</summary>
    public TimeSpan EpochPeriod { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Patients that share a page key, 1 or more: a destruction re-wraps the keys of as many.</summary>
    public int PatientsPerPage { get; init; } = 256;

    /// <summary>Page keys that are kept open, 1 or more.</summary>
    public int OpenPages { get; init; } = 4096;

    /// <exception cref="VaultException">A setting is out of its range.</exception>
    internal void Check()
    {
        if (BackupWindow < TimeSpan.Zero || BackupWindow > TimeSpan.FromDays(36500))
            throw new VaultException("Vault:BackupWindow must be a period between 0 and 36500 days.");
        if (EpochPeriod <= TimeSpan.Zero || EpochPeriod > TimeSpan.FromDays(366))
            throw new VaultException("Vault:EpochPeriod must be a period of more than 0 and at most 366 days.");
        if (PatientsPerPage is < 1 or > 65536)
            throw new VaultException("Vault:PatientsPerPage must be a number between 1 and 65536.");
        if (OpenPages < 1)
            throw new VaultException("Vault:OpenPages must be 1 or more.");
    }
}
