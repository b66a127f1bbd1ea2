namespace SecureStore.Grains.Vault;

/// <summary>
/// The root key provider that keeps its keys in files, docs/keys.md: root.key (32 random bytes) and epochs/ID.key, each wrapped
/// under the root key. Whoever can read the folder can open the vault. Destroying an epoch overwrites and deletes its
/// file; what copies or the medium itself still hold is the operator's to care for.
/// </summary>
public sealed class FileRootKey : IRootKeyProvider, IDisposable
{
    /// <summary>The file in the folder by whose lock the processes that use it know of one another; no key.</summary>
    public const string LockFile = "lock";

    private const string RootFile = "root.key";
    private const string EpochFolder = "epochs";
    private const UnixFileMode OfOthers = (UnixFileMode)0b000_111_111;

    private readonly string folder;
    private readonly SecretKey root;
    private readonly Lock gate = new();
    private readonly Dictionary<EpochId, SecretKey> open = [];

    private FileRootKey(string folder, SecretKey root)
    {
        this.folder = folder;
        this.root = root;
    }

    public string Name => "key files";

    public TimeSpan DeletionDelay => TimeSpan.Zero;

    public IReadOnlyList<EpochId> Epochs => Guarded(() => Directory.EnumerateFiles(EpochsPath(folder), "*.key")
        .Select(path => Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "N", out var id) ? new EpochId(id) : default)
        .Where(epoch => epoch != default)
        .ToList());

    /// <summary>Epochs whose keys are in memory.</summary>
    internal IReadOnlyList<EpochId> OpenEpochs
    {
        get
        {
            lock (gate)
                return [.. open.Keys];
        }
    }

    /// <summary>True where the folder holds a root key, or anything else than its lock.</summary>
    public static bool Exists(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != LockFile);

    /// <summary>Makes the folder with a new root key and no epoch. A folder that is there must not have a root key.</summary>
    /// <exception cref="VaultException">There are keys already, or the folder cannot be written.</exception>
    public static FileRootKey Create(string folder)
    {
        folder = Path.GetFullPath(folder);
        var path = Path.Combine(folder, RootFile);
        if (File.Exists(path) || Directory.Exists(EpochsPath(folder)))
            throw new VaultException($"The folder {folder} (Keys:Path) holds keys already, and they are not made anew.");
        var root = SecretKey.Generate();
        try
        {
            DurableFile.CreateFolder(folder);
            DurableFile.CreateFolder(EpochsPath(folder));
            DurableFile.Create(path, root.Span);
            return new FileRootKey(folder, root);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            root.Dispose();
            throw new VaultException($"The folder {folder} (Keys:Path) cannot be written: {Reason(fault)}.", fault);
        }
    }

    /// <summary>Opens a folder that <see cref="Create"/> made; makes nothing.</summary>
    /// <exception cref="VaultException">A key is missing, unreadable, damaged, or accessible to others than its owner.</exception>
    public static FileRootKey Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        var keys = new FileRootKey(folder, SecretKey.Create(Path.Combine(folder, RootFile), static (key, path) => ReadKeyFile(path, key)));
        try
        {
            if (!Directory.Exists(EpochsPath(folder)))
                throw new VaultException($"The folder {EpochsPath(folder)} (Keys:Path) is missing; restore it from its copy.");
            foreach (var epoch in keys.Epochs)
                keys.Key(epoch);
            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    public bool HasEpoch(EpochId epoch) => File.Exists(EpochPath(epoch));

    public void CreateEpoch(EpochId epoch) => Guarded(() =>
    {
        using var key = SecretKey.Generate();
        DurableFile.Create(EpochPath(epoch), KeyWrap.Wrap(root, key, Context(epoch)));
        return true;
    });

    public void DestroyEpoch(EpochId epoch) => Guarded(() =>
    {
        lock (gate)
        {
            DurableFile.Destroy(EpochPath(epoch));
            if (open.Remove(epoch, out var key))
                key.Dispose();
        }
        return true;
    });

    public void Keep(IReadOnlySet<EpochId> epochs)
    {
        lock (gate)
        {
            foreach (var epoch in open.Keys.Where(epoch => !epochs.Contains(epoch)).ToList())
            {
                if (open.Remove(epoch, out var key))
                    key.Dispose();
            }
        }
    }

    public void Wrap(EpochId epoch, ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, Span<byte> wrapped)
    {
        lock (gate)
            KeyWrap.Wrap(Key(epoch), key, aad, wrapped);
    }

    public SecretKey Unwrap(EpochId epoch, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> aad)
    {
        lock (gate)
            return KeyWrap.Unwrap(Key(epoch), wrapped, aad);
    }

    public void Dispose()
    {
        lock (gate)
        {
            root.Dispose();
            foreach (var key in open.Values)
                key.Dispose();
            open.Clear();
        }
    }

    private static string EpochsPath(string folder) => Path.Combine(folder, EpochFolder);

    private static byte[] Context(EpochId epoch) => RowContext.Of("epoch key", epoch.Value);

    private string EpochPath(EpochId epoch) => Path.Combine(folder, EpochFolder, $"{epoch}.key");

    private SecretKey Key(EpochId epoch)
    {
        lock (gate)
        {
            if (open.TryGetValue(epoch, out var key))
                return key;
            var path = EpochPath(epoch);
            var wrapped = new byte[KeyWrap.Size];
            ReadKeyFile(path, wrapped);
            try
            {
                key = KeyWrap.Unwrap(root, wrapped, Context(epoch));
            }
            catch (VaultIntegrityException fault)
            {
                throw new VaultException($"The key file {path} (Keys:Path) is damaged or was made with another {RootFile}; restore both from one copy.", fault);
            }
            open.Add(epoch, key);
            return key;
        }
    }

    private static void ReadKeyFile(string path, Span<byte> content)
    {
        try
        {
            using var file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0)
                throw new VaultException($"The key file {path} (Keys:Path) is open to others than its owner; close it with chmod 600.");
            if (RandomAccess.GetLength(file) != content.Length || RandomAccess.Read(file, content, 0) != content.Length)
                throw new VaultException($"The key file {path} (Keys:Path) is not {content.Length} bytes long; restore it from its copy.");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new VaultException($"The key file {path} (Keys:Path) is missing; restore it from its copy or correct the setting.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new VaultException($"The key file {path} (Keys:Path) cannot be read: {Reason(fault)}.", fault);
        }
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new VaultException($"The folder {folder} (Keys:Path) does not work: {Reason(fault)}.", fault);
        }
    }

    private static string Reason(Exception fault) => fault.Message.TrimEnd('.');
}
