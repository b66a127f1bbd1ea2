using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>
/// Files written past the page cache (Linux: O_DIRECT), whole blocks at a time. Sealed images are written once and mostly read much later:
/// copying them into the cache costs more processor time than sealing them does.
/// </summary>
internal static partial class DirectFile
{
    private const int SetFlags = 4;

    /// <summary>O_DIRECT, which has a value of its own on ARM.</summary>
    private static readonly int Direct = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <summary>Whether files in a folder can be written so: tried once with a file of one block.</summary>
    /// <exception cref="IOException">The folder cannot be written at all.</exception>
    public static bool IsSupported(string folder)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.probe");
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose);
            if (!TrySet(file))
            {
                return false;
            }

            using var block = BlockMemory.Rent(BlockMemory.BlockSize);
            block.Memory.Span.Clear();
            RandomAccess.Write(file, block.Memory.Span[..BlockMemory.BlockSize], 0);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>From now on the file takes whole blocks only. False where the file system has no such way.</summary>
    public static bool TrySet(SafeFileHandle file) => OperatingSystem.IsLinux() && Control(file, SetFlags, Direct) == 0;

    /// <summary>Writes bytes at the beginning of a block; zeros fill up the last one.</summary>
    /// <param name="file">One for which <see cref="TrySet"/> was true.</param>
    /// <param name="bytes">Anywhere in memory; what is not <see cref="BlockMemory"/> is copied first.</param>
    public static void Write(SafeFileHandle file, ReadOnlyMemory<byte> bytes, long offset)
    {
        var whole = BlockMemory.IsAligned(bytes) ? bytes.Length & -BlockMemory.BlockSize : 0;
        if (whole == bytes.Length)
        {
            RandomAccess.Write(file, bytes.Span, offset);
            return;
        }

        var rest = bytes[whole..];
        using var owner = BlockMemory.Rent(rest.Length);
        var padded = owner.Memory[..BlockMemory.Whole(rest.Length)];
        rest.CopyTo(padded);
        padded.Span[rest.Length..].Clear();
        ReadOnlyMemory<byte>[] blocks = whole == 0 ? [padded] : [bytes[..whole], padded];
        RandomAccess.Write(file, blocks, offset);
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
