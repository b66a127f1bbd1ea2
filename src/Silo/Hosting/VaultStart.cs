using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage.PostgreSql;
using SecureStore.Silo.Storage.VaultStore;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// The vault as a start opens it, with what must be closed at the end. Locks keep a second process out of the data folder, and a silo with
/// other keys out of a shared vault.
/// </summary>
internal sealed class VaultStart : IAsyncDisposable
{
    private readonly Stack<object> owned = new();

    private VaultStart()
    {
    }

    public Vault Vault { get; private set; } = null!;

    public IVaultStore Store { get; private set; } = null!;

    /// <summary>Whether keys and vault were made just now.</summary>
    public bool IsFirst { get; private set; }

    /// <summary>Where the vault is shared: this silo's place among those that have it open.</summary>
    public KeysMembership? Membership { get; private set; }

    /// <summary>
    /// Opens the vault with its keys. Both are made anew only where there is neither, and nothing else in the data folder: where one is missing,
    /// something was lost, and it has to be put back. Of silos that start at once one does this at a time, until <see cref="CompleteAsync"/>.
    /// </summary>
    /// <exception cref="SettingException">Keys or vault are missing, unreadable, or not for one another.</exception>
    public static async Task<VaultStart> OpenAsync(Settings settings, TimeProvider time)
    {
        var start = new VaultStart();
        try
        {
            await (settings.Storage.PostgreSql is { } databases
                ? start.OpenDatabaseAsync(settings, databases.Vault, time)
                : start.OpenFolderAsync(settings, time));
            return start;
        }
        catch (Exception failure)
        {
            await start.DisposeAsync();
            throw failure switch
            {
                VaultException wrong => new SettingException(wrong.Message),
                InvalidDataException or StorageUnavailableException when settings.Storage.PostgreSql is not null =>
                    new SettingException($"ConnectionStrings:Vault names a database that cannot be used: {failure.Message}"),
                StorageUnavailableException or IOException or UnauthorizedAccessException =>
                    new SettingException($"Data:Path: {settings.DataPath} cannot be opened ({failure.Message.TrimEnd('.')})."),
                _ => failure,
            };
        }
    }

    /// <summary>The start is over: everything is there that it makes, and the next silo may begin.</summary>
    public Task CompleteAsync() => Membership?.CompleteAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        while (owned.TryPop(out var one))
        {
            if (one is IAsyncDisposable later)
            {
                await later.DisposeAsync();
            }
            else
            {
                ((IDisposable)one).Dispose();
            }
        }
    }

    private async Task OpenFolderAsync(Settings settings, TimeProvider time)
    {
        var file = Path.Combine(settings.DataPath, "vault.db");
        var hasVault = File.Exists(file);
        var hasKeys = RequireBothOrNone(settings, hasVault, $"Data:Path: there is no vault in {settings.DataPath}", "Data:Path");
        Own(LockData(settings.DataPath, isFirst: !hasVault));
        var keys = OpenKeys(settings, hasKeys);
        await OpenVaultAsync(Own(await SqliteVaultStore.OpenAsync(file, CancellationToken.None)), keys, hasVault, settings, time);
    }

    private async Task OpenDatabaseAsync(Settings settings, string database, TimeProvider time)
    {
        Membership = Own(await KeysMembership.JoinAsync(
            settings.KeysPath, database, alone: settings.Cluster is null, TimeProvider.System, KeysMembership.Patience));
        var store = Own(await PostgresVaultStore.OpenAsync(database, CancellationToken.None));
        var hasVault = !await store.IsEmptyAsync(CancellationToken.None);
        var hasKeys = RequireBothOrNone(settings, hasVault, "ConnectionStrings:Vault: there is no vault in that database", "ConnectionStrings:Vault");
        if (settings.Storage.UsesDataFolder)
        {
            Own(LockData(settings.DataPath, isFirst: !hasVault));
        }

        await OpenVaultAsync(store, OpenKeys(settings, hasKeys), hasVault, settings, time);
    }

    private async Task OpenVaultAsync(IVaultStore store, FileRootKey keys, bool hasVault, Settings settings, TimeProvider time)
    {
        (Store, IsFirst) = (store, !hasVault);
        Vault = Own(new Vault(store, keys, time, settings.Vault));
        await (hasVault ? Vault.OpenAsync(CancellationToken.None) : Vault.InitialiseAsync(CancellationToken.None));
    }

    private FileRootKey OpenKeys(Settings settings, bool hasKeys) =>
        Own(hasKeys ? FileRootKey.Open(settings.KeysPath) : FileRootKey.Create(settings.KeysPath));

    private static bool RequireBothOrNone(Settings settings, bool hasVault, string noVault, string place)
    {
        var hasKeys = FileRootKey.Exists(settings.KeysPath);
        return hasVault && !hasKeys
                ? throw new SettingException($"Keys:Path: there are no keys in {settings.KeysPath}, although {place} holds a vault; put the keys back from their copy.")
            : !hasVault && hasKeys
                ? throw new SettingException($"{noVault}, although Keys:Path holds keys; put the data back, or move the keys away to begin a new archive.")
            : hasKeys;
    }

    private T Own<T>(T one)
        where T : notnull
    {
        owned.Push(one);
        return one;
    }

    private static FileStream LockData(string dataPath, bool isFirst)
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
