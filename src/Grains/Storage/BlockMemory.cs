using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SecureStore.Grains.Storage;

/// <summary>
/// Pooled memory that begins at a block of the medium and does not move, so that an object store can hand it to the medium as it is.
/// </summary>
public static class BlockMemory
{
    /// <summary>Bytes of a block: what media and file systems in use ask for at most.</summary>
    public const int BlockSize = 4096;

    /// <summary>The largest buffer that is kept for the next who asks, in bytes.</summary>
    private const int LargestKept = 2 << 20;

    private const int MostKept = 32;

    private static readonly ConcurrentBag<Buffer> Kept = [];

    /// <summary>At least so many bytes; what they held before is still in them.</summary>
    public static IMemoryOwner<byte> Rent(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return Kept.TryTake(out var kept) && kept.TryReuse(size) ? kept : new Buffer(Math.Max(size, 1 << 16));
    }

    /// <summary>The size rounded up to whole blocks.</summary>
    public static int Whole(int size) => checked(size + BlockSize - 1) & -BlockSize;

    /// <summary>Whether memory begins at a block.</summary>
    public static unsafe bool IsAligned(ReadOnlyMemory<byte> memory)
    {
        using var pinned = memory.Pin();
        return (nuint)pinned.Pointer % BlockSize == 0;
    }

    private sealed class Buffer : IMemoryOwner<byte>
    {
        private readonly Memory<byte> memory;
        private int inUse = 1;

        public Buffer(int size)
        {
            size = Whole(size);
            var bytes = GC.AllocateUninitializedArray<byte>(size + BlockSize, pinned: true);
            var start = (int)((ulong)Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) % BlockSize);
            memory = bytes.AsMemory(BlockSize - start, size);
        }

        public Memory<byte> Memory => Volatile.Read(ref inUse) == 1 ? memory : throw new ObjectDisposedException(nameof(BlockMemory));

        /// <summary>Takes a kept buffer out again; one that is too small is left to the collector.</summary>
        public bool TryReuse(int size) => memory.Length >= size && Interlocked.Exchange(ref inUse, 1) == 0;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref inUse, 0) == 1 && memory.Length <= LargestKept && Kept.Count < MostKept)
            {
                Kept.Add(this);
            }
        }
    }
}
