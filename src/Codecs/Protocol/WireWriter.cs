using System.Buffers.Binary;
using System.Text;

namespace SecureStore.Codecs.Protocol;

/// <summary>Writes the fields of a message into memory that has room for them.</summary>
public ref struct WireWriter(Span<byte> target)
{
    private readonly Span<byte> target = target;

    public int Written { get; private set; }

    public void Write(byte value) => Take(1)[0] = value;

    public void Write(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void Write(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    /// <summary>Bytes behind 32 bits that say how many.</summary>
    public void Write(ReadOnlySpan<byte> value)
    {
        Write((uint)value.Length);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>ASCII of at most 255 characters, behind a byte that says how much.</summary>
    public void Write(string text)
    {
        Write(checked((byte)text.Length));
        Encoding.ASCII.GetBytes(text, Take(text.Length));
    }

    private Span<byte> Take(int count)
    {
        var taken = target.Slice(Written, count);
        Written += count;
        return taken;
    }
}
