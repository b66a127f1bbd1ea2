using System.Buffers.Binary;
using System.Text;

namespace SecureStore.Codecs.Protocol;

/// <summary>Reads the fields of a message; what is cut off is a <see cref="CodecException"/>.</summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> left = bytes;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => left;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Bytes behind 32 bits that say how many.</summary>
    public byte[] ReadBytes(int most) =>
        ReadUInt32() is var count && count <= most ? Take((int)count).ToArray() : throw new CodecException("A message holds more than it may.");

    /// <summary>ASCII behind a byte that says how much.</summary>
    public string ReadText()
    {
        var text = Take(ReadByte());
        return Ascii.IsValid(text) ? Encoding.ASCII.GetString(text) : throw new CodecException("A message holds a text that is not ASCII.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (left.Length < count)
            throw new CodecException("A message is cut off.");

        var taken = left[..count];
        left = left[count..];
        return taken;
    }
}
