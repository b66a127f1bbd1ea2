namespace SecureStore.Grains.Vault;

/// <summary>Keys of the service itself. The numbers are stored: 0 to 63, never used again for another.</summary>
public enum ServiceKeyName
{
    /// <summary>MACs of UIDs and identities, by which rows are found.</summary>
    Index = 0,

    /// <summary>MACs of data sets, by which duplicates are known.</summary>
    DataSetMac = 1,

    Audit = 2,

    Certificates = 3,

    TokenSigning = 4,

    Tombstones = 5,

    /// <summary>ASP.NET Core's data protection keys.</summary>
    DataProtection = 6,

    /// <summary>The vault's own: times of epochs.</summary>
    Epochs = 7,
}
