using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SecureStore.Grains.Storage;

/// <summary>What must outlast a loss of power: file contents, and the folders that hold the names of new files.</summary>
public static partial class Durable
{
    private const int ReadOnly = 0;
    private const uint BeginWriting = 2;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly int CloseOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Creates a folder that only its owner may enter, and its missing parents.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly);
    }

    /// <summary>From here on the process makes files and folders that only its owner may open, whatever makes them.</summary>
    public static void CreateFilesForOwnerOnly()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetCreationMask(0x3F);
    }

    /// <summary>Makes the names in a folder durable (fsync; Windows keeps them by itself).</summary>
    /// <exception cref="IOException">The folder is missing, or the medium fails.</exception>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = OpenFolder(path, ReadOnly | CloseOnExec);
        if (folder.IsInvalid)
            throw Failure();
        if (Fsync(folder) != 0)
            throw Failure();
    }

    /// <summary>Makes the contents of a closed file durable.</summary>
    public static void FlushFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>
    /// Has the medium begin with a range of a file, so that a flush that follows finds less to do. It promises nothing, and where the
    /// system has no such call (Linux alone has) it does nothing.
    /// </summary>
    public static void BeginFlush(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
            _ = SyncFileRange(file, offset, length, BeginWriting);
    }

    private static IOException Failure() =>
        new($"A folder could not be made durable: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetCreationMask(uint mask);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);
}
