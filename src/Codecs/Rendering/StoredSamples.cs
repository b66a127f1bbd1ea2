using System.Buffers.Binary;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Rendering;

/// <summary>The samples of a native frame: the Bits Stored of each that end with its High Bit (PS3.5 8.1.1).</summary>
internal readonly struct StoredSamples(ImageAttributes attributes)
{
    private readonly int bytes = attributes.Frame.BitsAllocated / 8;
    private readonly int shift = attributes.HighBit + 1 - attributes.Frame.BitsStored;

    /// <summary>The greatest that there can be.</summary>
    public uint Mask { get; } = uint.MaxValue >> (32 - attributes.Frame.BitsStored);

    /// <summary>A sample's bits, without what stands beside them.</summary>
    public uint At(ReadOnlySpan<byte> native, int index) => (bytes switch
    {
        1 => native[index],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(native[(2 * index)..]),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(native[(4 * index)..]),
    } >> shift) & Mask;
}
