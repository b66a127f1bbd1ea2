using System.Buffers.Binary;
using System.Text;

namespace SecureStore.Dicom.Tests;

/// <summary>Writes little-endian DICOM as no proper writer would.</summary>
internal sealed class Bytes
{
    private readonly List<byte> _bytes = [];

    public Bytes Add(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>An explicit header; long representations with their 32-bit length.</summary>
    public Bytes Element(DicomTag tag, string vr, uint length)
    {
        Tag(tag).Add(Encoding.ASCII.GetBytes(vr));
        return DicomVR.Find(vr)?.HasLongLength ?? false ? Word(0).Long(length) : Word((ushort)length);
    }

    /// <summary>An implicit header, or an item's.</summary>
    public Bytes Item(DicomTag tag, uint length) => Tag(tag).Long(length);

    public Bytes Tag(DicomTag tag) => Word(tag.Group).Word(tag.Element);

    public Bytes Word(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return Add(bytes);
    }

    public Bytes Long(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Add(bytes);
    }

    public byte[] ToArray() => [.. _bytes];
}
