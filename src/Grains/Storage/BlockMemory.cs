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

    private const int SmallSize = 64 << 10;
    private const int MostKept = 32;

    private static readonly ConcurrentBag<Memory<byte>> Small = [];
    private static readonly ConcurrentBag<Memory<byte>> Large = [];

    /// <summary>At least so many bytes; what they held before is still in them.</summary>
    public static IMemoryOwner<byte> Rent(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        var kept = size <= SmallSize ? Small : Large;
        return new Owner(kept.TryTake(out var memory) && memory.Length >= size ? memory : Allocate(Whole(Math.Max(size, SmallSize))));
    }

    /// <summary>The size rounded up to whole blocks.</summary>
    public static int Whole(int size) => checked(size + BlockSize - 1) & -BlockSize;

    /// <summary>Whether memory begins at a block.</summary>
    public static unsafe bool IsAligned(ReadOnlyMemory<byte> memory)
    {
        using var pinned = memory.Pin();
        return (nuint)pinned.Pointer % BlockSize == 0;
    }

    private static Memory<byte> Allocate(int size)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(size + BlockSize, pinned: true);
        var start = (int)((ulong)Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) % BlockSize);
        return bytes.AsMemory(BlockSize - start, size);
    }

    /// <summary>One for each time that memory is rented: giving it back twice gives it back once.</summary>
    private sealed class Owner(Memory<byte> memory) : IMemoryOwner<byte>
    {
        private int given;

        public Memory<byte> Memory => Volatile.Read(ref given) == 0 ? memory : throw new ObjectDisposedException(nameof(BlockMemory));

        public void Dispose()
        {
            var kept = memory.Length <= SmallSize ? Small : Large;
            if (Interlocked.Exchange(ref given, 1) == 0 && memory.Length <= LargestKept && kept.Count < MostKept)
            {
                kept.Add(memory);
            }
        }
    }
}
