using System.Buffers.Binary;
using System.Text;

namespace SecureStore.Dicom.Network;

/// <summary>Takes the body of an association PDU apart. Every length is held against what is there before it is believed.</summary>
internal ref struct ItemReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool IsAtEnd => _left.IsEmpty;

    /// <summary>The next item (PS3.8 9.3.2): its type, a reserved byte, a 16-bit length, and that much.</summary>
    public ItemReader Item(out ItemType type)
    {
        type = (ItemType)Byte();
        Skip(1);
        return new ItemReader(Bytes(UInt16()));
    }

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    /// <summary>What is left, as a UID without its padding.</summary>
    /// <exception cref="DicomNetworkException">It is none.</exception>
    public string Uid() => Uid(_left.Length);

    /// <summary>A UID behind its 16-bit length.</summary>
    public string SizedUid() => Uid(UInt16());

    /// <summary>What is left, as text of the default repertoire; anything else in it becomes a question mark.</summary>
    public string Text() => Text(_left.Length);

    public string Text(int length)
    {
        var text = Encoding.ASCII.GetString(Bytes(length)).Trim(' ', '\0');
        return string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
    }

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (length > _left.Length)
            throw new DicomNetworkException("An item is longer than what holds it.");

        var taken = _left[..length];
        _left = _left[length..];
        return taken;
    }

    public ReadOnlySpan<byte> Rest() => Bytes(_left.Length);

    public void Skip(int length) => Bytes(length);

    private string Uid(int length)
    {
        var uid = Encoding.ASCII.GetString(Bytes(length)).TrimEnd('\0', ' ');
        return DicomUID.IsValid(uid, allowLeadingZeros: true) ? uid : throw new DicomNetworkException("A UID is malformed.");
    }
}
