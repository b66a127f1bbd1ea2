using System.Security.Cryptography;
using System.Text;
using SecureStore.Client.Files;

namespace SecureStore.Client.Storing;

/// <summary>
/// Remembers which files an archive has acknowledged, and which instances were imported, so that a second run does only the rest. It
/// holds hashes alone, of the archive's address and of the file's path, size and time of change (a file that changed is another file),
/// or of an instance's source and UIDs. Lines that are torn or foreign are passed over: the worst that a damaged journal does is to have
/// files sent again. It may be used by several at once.
/// </summary>
sealed class StoreJournal
{
    const string FileName = ".securestore-journal";
    const int FlushEvery = 50;

    readonly string _path;
    readonly Lock _lock = new();
    readonly HashSet<string> _stored = new(StringComparer.Ordinal);
    readonly StringBuilder _pending = new();
    int _pendingCount;

    StoreJournal(string path) => _path = path;

    /// <summary>Opens the journal in $XDG_STATE_HOME/securestore, or ~/.local/state/securestore.</summary>
    /// <exception cref="SecureStoreException">It cannot be read or made.</exception>
    public static StoreJournal Open(Func<string, string?> environment)
    {
        var state = environment("XDG_STATE_HOME") is { Length: > 0 } set && Path.IsPathRooted(set)
            ? set
            : Path.Combine(environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        var folder = Path.Combine(state, "securestore");
        var journal = new StoreJournal(Path.Combine(folder, FileName));
        try
        {
            PrivateFiles.CreateFolder(folder);
            journal.Load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecureStoreException($"the journal of stored files in {folder} cannot be opened", e);
        }

        return journal;
    }

    public static string Key(Uri archive, FileInfo file) => Key(archive, Of(file));

    /// <summary>The key of something that a source names by these words, none of which has a NUL.</summary>
    public static string Key(Uri archive, params IEnumerable<string> words) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', words.Prepend(archive.AbsoluteUri)))));

    /// <summary>What a file is named by.</summary>
    public static string[] Of(FileInfo file) => [file.FullName, $"{file.Length}", $"{file.LastWriteTimeUtc.Ticks}"];

    public bool Contains(string key)
    {
        lock (_lock)
        {
            return _stored.Contains(key);
        }
    }

    public void Add(string key)
    {
        lock (_lock)
        {
            if (_stored.Add(key))
            {
                _pending.Append(key).Append('\n');
                if (++_pendingCount >= FlushEvery)
                {
                    Flush();
                }
            }
        }
    }

    /// <summary>Writes what was added.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_pendingCount == 0)
            {
                return;
            }

            using var file = PrivateFiles.Open(_path, FileMode.Append);
            file.Write(Encoding.ASCII.GetBytes(_pending.ToString()));
            _pending.Clear();
            _pendingCount = 0;
        }
    }

    void Load()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        using (var reader = new StreamReader(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.ASCII))
        {
            var line = new StringBuilder();
            int next;
            while ((next = reader.Read()) >= 0)
            {
                if (next != '\n')
                {
                    _ = line.Length <= SHA256.HashSizeInBytes * 2 ? line.Append((char)next) : line;
                    continue;
                }

                if (line.Length == SHA256.HashSizeInBytes * 2)
                {
                    _stored.Add(line.ToString());
                }

                line.Clear();
            }

            if (line.Length > 0)
            {
                _pending.Append('\n'); // The last line is torn: what is added stands on a line of its own.
            }
        }
    }
}
