using System.Buffers.Binary;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>
/// The open service keys. Their page tells, sealed, which ones there are, so that one that is lost is not made anew and one
/// that is new to this version is.
/// </summary>
internal sealed class ServiceKeys : IDisposable
{
    public static readonly Guid PageId = new(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private readonly Dictionary<ServiceKeyName, SecretKey> keys = [];

    public SecretKey this[ServiceKeyName name] => keys[name];

    /// <summary>Opens the keys that the page names.</summary>
    /// <exception cref="VaultException">A key is missing, or there is one that this version does not know.</exception>
    /// <exception cref="VaultIntegrityException">A row is damaged or stands in another's place.</exception>
    public static ServiceKeys Open(VaultRow page, SecretKey pageKey, IReadOnlyList<VaultRow> rows)
    {
        var names = BinaryPrimitives.ReadUInt64LittleEndian(RowSealer.Open(pageKey, NamesContext, page.Sealed));
        if ((names & ~AllNames) != 0)
            throw new VaultException("The vault database (Data:Path, or ConnectionStrings:Vault) was written by a later version; run that one.");
        var result = new ServiceKeys();
        try
        {
            foreach (var name in Enum.GetValues<ServiceKeyName>().Where(name => (names & Bit(name)) != 0))
            {
                var row = rows.SingleOrDefault(row => row.Id == IdOf(name))
                    ?? throw new VaultException("The vault database (Data:Path, or ConnectionStrings:Vault) lacks a service key; restore it from a backup.");
                result.keys.Add(name, row.Unwrap(pageKey, page.KeyId));
            }
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Makes the keys that there are none of yet.</summary>
    /// <returns>The page, naming all keys, and the new keys' rows.</returns>
    public (VaultRow Page, IReadOnlyList<VaultRow> Rows) AddMissing(VaultRow page, SecretKey pageKey)
    {
        var rows = new List<VaultRow>();
        foreach (var name in Enum.GetValues<ServiceKeyName>().Where(name => !keys.ContainsKey(name)))
        {
            var key = keys[name] = SecretKey.Generate();
            rows.Add(KeyRows.New(VaultRowKind.ServiceKey, IdOf(name), PageId).Wrap(pageKey, page.KeyId, key));
        }
        Span<byte> names = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(names, AllNames);
        return (page with { Sealed = RowSealer.Seal(pageKey, NamesContext, names) }, rows);
    }

    public void Dispose()
    {
        foreach (var key in keys.Values)
            key.Dispose();
    }

    private static byte[] NamesContext => RowContext.Of("service keys", PageId);

    private static ulong AllNames => Enum.GetValues<ServiceKeyName>().Aggregate(0UL, (names, name) => names | Bit(name));

    private static ulong Bit(ServiceKeyName name) => 1UL << (int)name;

    private static Guid IdOf(ServiceKeyName name) => new((int)name + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
