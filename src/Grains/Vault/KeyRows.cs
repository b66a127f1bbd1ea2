using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Wraps and unwraps the keys of vault rows. A wrapped key is bound to the row's type and id, to its own key id, to its
/// parent's row and key id and to the look-up beside it, so that it fits nowhere else, nor under another version of its parent.
/// </summary>
internal static class KeyRows
{
    public static VaultRow New(VaultRowKind kind, Guid id, Guid parent) =>
        new() { Kind = kind, Id = id, Version = 1, KeyId = Guid.NewGuid(), Parent = parent, WrappedKey = [] };

    /// <summary>The row as it is to be after a change.</summary>
    public static VaultRow Next(this VaultRow row) => row with { Version = row.Version + 1 };

    public static VaultRow Wrap(this VaultRow row, SecretKey parentKey, Guid parentKeyId, SecretKey key) =>
        row with { WrappedKey = KeyWrap.Wrap(parentKey, key, Context(row, parentKeyId)) };

    /// <exception cref="VaultIntegrityException">The row is damaged or stands in another's place.</exception>
    public static SecretKey Unwrap(this VaultRow row, SecretKey parentKey, Guid parentKeyId) =>
        KeyWrap.Unwrap(parentKey, row.WrappedKey, Context(row, parentKeyId));

    public static VaultRow Wrap(this VaultRow page, IRootKeyProvider provider, EpochId epoch, SecretKey key)
    {
        var wrapped = new byte[KeyWrap.Size];
        var moved = page with { Parent = epoch.Value, WrappedKey = wrapped };
        provider.Wrap(epoch, key.Span, Context(moved, epoch.Value), wrapped);
        return moved;
    }

    /// <exception cref="VaultIntegrityException">The row is damaged or stands in another's place.</exception>
    public static SecretKey Unwrap(this VaultRow page, IRootKeyProvider provider) =>
        provider.Unwrap(new EpochId(page.Parent), page.WrappedKey, Context(page, page.Parent));

    private static byte[] Context(VaultRow row, Guid parentKeyId)
    {
        Span<byte> detail = stackalloc byte[48 + Mac.Size];
        row.KeyId.TryWriteBytes(detail);
        row.Parent.TryWriteBytes(detail[16..]);
        parentKeyId.TryWriteBytes(detail[32..]);
        if (row.LookUp is not { } lookUp)
            return RowContext.Of("vault key", row.Id, detail[..48], (long)row.Kind);
        lookUp.Bytes.Span.CopyTo(detail[48..]);
        return RowContext.Of("vault key", row.Id, detail, (long)row.Kind);
    }
}
