using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// The memory that Kestrel receives and sends in: blocks of 64 KiB, where its own are of 4 KiB, so that an image of 0.5 MB takes
/// a dozen system calls and not more than a hundred.
/// </summary>
internal sealed class TransferBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 64 * 1024;

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        return Shared.Rent(BlockSize);
    }

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <summary>One pool serves all listeners: it ends with the process.</summary>
    protected override void Dispose(bool disposing)
    {
    }
}
