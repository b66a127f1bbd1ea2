using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SecureStore.Grains.Vault;

/// <summary>Small private files that are there whole or not at all, whenever the power fails. Mode 0600.</summary>
internal static partial class DurableFile
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
        FlushFolder(folder);
    }

    /// <summary>Overwrites a file with zeros and deletes it, each durably. A file that is not there is no error.</summary>
    public static void Destroy(string path)
    {
        if (!File.Exists(path))
            return;
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, new byte[RandomAccess.GetLength(file)], 0);
            RandomAccess.FlushToDisk(file);
        }
        File.Delete(path);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Private | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            FlushFolder(parent);
    }

    private static FileStreamOptions NewPrivateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        return options;
    }

    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = Open(folder, 0);
        if (handle < 0)
            throw new IOException("A folder cannot be opened to make its names durable.", Marshal.GetLastPInvokeError());
        try
        {
            if (Flush(handle) != 0)
                throw new IOException("A folder's names cannot be made durable.", Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [UnsupportedOSPlatform("windows")]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [UnsupportedOSPlatform("windows")]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [UnsupportedOSPlatform("windows")]
    private static partial int Close(int handle);
}
