using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage.VaultStore;

namespace SecureStore.Silo.Hosting;

/// <summary>The vault as a start opens it, with what must be closed at the end. The lock keeps a second process out of the data folder.</summary>
internal sealed record VaultStart(Vault Vault, bool IsFirst, IReadOnlyList<IDisposable> Owned) : IDisposable
{
    /// <summary>
    /// Opens the vault with its keys. Both are made anew only where there is neither, and nothing else in the data folder: where one is missing,
    /// something was lost, and it has to be put back.
    /// </summary>
    /// <exception cref="SettingException">Keys or vault are missing, unreadable, or not for one another.</exception>
    public static async Task<VaultStart> OpenAsync(Settings settings, TimeProvider time)
    {
        var vaultFile = Path.Combine(settings.DataPath, "vault.db");
        var hasVault = File.Exists(vaultFile);
        var hasKeys = FileRootKey.Exists(settings.KeysPath);
        if (hasVault && !hasKeys)
        {
            throw new SettingException($"Keys:Path: there are no keys in {settings.KeysPath}, although Data:Path holds a vault; put the keys back from their copy.");
        }

        if (!hasVault && hasKeys)
        {
            throw new SettingException($"Data:Path: there is no vault in {settings.DataPath}, although Keys:Path holds keys; put the data back, or move the keys away to begin a new archive.");
        }

        var owned = new Stack<IDisposable>();
        try
        {
            owned.Push(Lock(settings.DataPath, isFirst: !hasVault));
            var keys = hasKeys ? FileRootKey.Open(settings.KeysPath) : FileRootKey.Create(settings.KeysPath);
            owned.Push(keys);
            var store = await SqliteVaultStore.OpenAsync(vaultFile, CancellationToken.None);
            owned.Push(store);
            var vault = new Vault(store, keys, time, settings.Vault);
            owned.Push(vault);
            await (hasVault ? vault.OpenAsync(CancellationToken.None) : vault.InitialiseAsync(CancellationToken.None));
            return new VaultStart(vault, !hasVault, [.. owned]);
        }
        catch (Exception failure)
        {
            foreach (var opened in owned)
            {
                opened.Dispose();
            }

            throw failure switch
            {
                VaultException wrong => new SettingException(wrong.Message),
                StorageUnavailableException or IOException or UnauthorizedAccessException =>
                    new SettingException($"Data:Path: {settings.DataPath} cannot be opened ({failure.Message.TrimEnd('.')})."),
                _ => failure,
            };
        }
    }

    public void Dispose()
    {
        foreach (var opened in Owned)
        {
            opened.Dispose();
        }
    }

    private static FileStream Lock(string dataPath, bool isFirst)
    {
        const string lockFile = "lock";
        Durable.CreateFolder(dataPath);
        if (isFirst && Directory.EnumerateFileSystemEntries(dataPath).Any(entry => Path.GetFileName(entry) != lockFile))
        {
            throw new VaultException($"Data:Path: {dataPath} is not empty and holds no vault; name an empty folder, or put the vault back.");
        }

        try
        {
            return new FileStream(Path.Combine(dataPath, lockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new VaultException($"Data:Path: {dataPath} is in use by another process.");
        }
    }
}
