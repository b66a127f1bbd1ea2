using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SecureStore.Dicom;

/// <summary>Numbers in either byte order (PS3.5 7.3).</summary>
internal static class DicomByteOrder
{
    public static ushort ReadUInt16(ReadOnlySpan<byte> at, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);

    public static uint ReadUInt32(ReadOnlySpan<byte> at, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    public static DicomTag ReadTag(ReadOnlySpan<byte> at, bool isBigEndian) =>
        new(ReadUInt16(at, isBigEndian), ReadUInt16(at[2..], isBigEndian));

    /// <summary>Turns a value into the other byte order, in place; bytes behind the last whole unit stay.</summary>
    public static void Swap(Span<byte> value, DicomVR vr)
    {
        var whole = value[..(value.Length / vr.UnitSize * vr.UnitSize)];
        switch (vr.UnitSize)
        {
            case 2:
                var words = MemoryMarshal.Cast<byte, ushort>(whole);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 4:
                var doubles = MemoryMarshal.Cast<byte, uint>(whole);
                BinaryPrimitives.ReverseEndianness(doubles, doubles);
                break;
            case 8:
                var quads = MemoryMarshal.Cast<byte, ulong>(whole);
                BinaryPrimitives.ReverseEndianness(quads, quads);
                break;
            default:
                break;
        }
    }
}
