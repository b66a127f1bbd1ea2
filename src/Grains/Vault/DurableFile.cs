using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>Small private files that are there whole or not at all, whenever the power fails. Mode 0600.</summary>
internal static class DurableFile
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file that must not be there yet.</summary>
    /// <exception cref="IOException">It is there, or cannot be written.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        try
        {
            using (var file = new FileStream(temporary, NewPrivateFile()))
            {
                RandomAccess.Write(file.SafeFileHandle, content, 0);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            File.Move(temporary, path, overwrite: false);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        Durable.FlushFolder(folder);
    }

    /// <summary>
    /// Overwrites a file with zeros and deletes it, each durably. A file that is not there is no error: another silo may be as fast.
    /// </summary>
    public static void Destroy(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(file, new byte[RandomAccess.GetLength(file)], 0);
            RandomAccess.FlushToDisk(file);
        }
        catch (FileNotFoundException)
        {
            return;
        }
        File.Delete(path);
        Durable.FlushFolder(Path.GetDirectoryName(path)!);
    }

    public static void CreateFolder(string path)
    {
        Durable.CreateFolder(path);
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            Durable.FlushFolder(parent);
    }

    private static FileStreamOptions NewPrivateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        return options;
    }
}
