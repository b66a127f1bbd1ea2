namespace SecureStore.Codecs.Protocol;

/// <summary>A lookup table as a data set has it (PS3.3 C.11.1.1, C.7.6.3.1.5): its descriptor and its data, in little endian.</summary>
/// <param name="Count">First value of the descriptor: entries; 0 stands for 65,536.</param>
/// <param name="First">Second value: the input that the first entry is for.</param>
/// <param name="Bits">Third value: bits of an entry, 8 to 16.</param>
/// <param name="Data">The entries; of a segmented table, its segments (PS3.3 C.7.9.2).</param>
/// <param name="IsSegmented">True for segments.</param>
public sealed record LookupTable(ushort Count, int First, ushort Bits, ReadOnlyMemory<byte> Data, bool IsSegmented = false)
{
    /// <summary>Longest data: as many entries as there can be, of 16 bits.</summary>
    public const int MaxDataLength = (ushort.MaxValue + 1) * sizeof(ushort);
}
