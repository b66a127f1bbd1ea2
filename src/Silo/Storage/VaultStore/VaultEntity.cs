using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>A <see cref="VaultRow"/> as it stands in the database.</summary>
internal sealed class VaultEntity
{
    public VaultRowKind Kind { get; set; }

    public Guid Id { get; set; }

    public long Version { get; set; }

    public Guid KeyId { get; set; }

    public Guid Parent { get; set; }

    public byte[]? LookUp { get; set; }

    public byte[] WrappedKey { get; set; } = [];

    public byte[] Sealed { get; set; } = [];

    public static VaultEntity From(VaultRow row) => new()
    {
        Kind = row.Kind,
        Id = row.Id,
        Version = row.Version,
        KeyId = row.KeyId,
        Parent = row.Parent,
        LookUp = row.LookUp?.ToArray(),
        WrappedKey = row.WrappedKey,
        Sealed = row.Sealed,
    };

    public VaultRow ToRow() => new()
    {
        Kind = Kind,
        Id = Id,
        Version = Version,
        KeyId = KeyId,
        Parent = Parent,
        LookUp = LookUp is null ? null : new Mac(LookUp),
        WrappedKey = WrappedKey,
        Sealed = Sealed,
    };
}
