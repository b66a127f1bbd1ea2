using System.Buffers;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Silo.Imaging;

/// <summary>A worker's answer in memory that is cleared when it is disposed of; up to 16 MiB from the pool.</summary>
internal sealed class CodecAnswer(MessageKind kind, int length) : IDisposable
{
    private const int MaxPooled = 16 * 1024 * 1024;

    private byte[]? buffer = length <= MaxPooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    public MessageKind Kind { get; } = kind;

    public ReadOnlyMemory<byte> Body => Buffer;

    /// <summary>Where it is read into.</summary>
    public Memory<byte> Buffer => buffer.AsMemory(0, length);

    /// <summary>What of the budget it takes; given back with it.</summary>
    public IDisposable? Share { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref buffer, null) is { } held)
        {
            held.AsSpan(0, length).Clear();
            if (length <= MaxPooled)
            {
                ArrayPool<byte>.Shared.Return(held);
            }

            Share?.Dispose();
        }
    }
}
