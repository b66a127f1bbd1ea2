using System.Buffers.Binary;

namespace SecureStore.Codecs.Protocol;

/// <summary>What stands before each message: its length, kind and body together, in 32 bits little endian, then its kind.</summary>
public static class MessageFrame
{
    /// <summary>Bytes of length and kind.</summary>
    public const int HeaderSize = 5;

    /// <summary>Longest message, header left out: whoever says more is not believed.</summary>
    public const int MaxLength = MaxPixels + 4096;

    /// <summary>Most bytes of a codestream or of a native frame.</summary>
    public const int MaxPixels = 256 * 1024 * 1024;

    public static void Write(Span<byte> target, MessageKind kind, int bodyLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)bodyLength + 1);
        target[4] = (byte)kind;
    }

    /// <exception cref="CodecException">The length cannot be.</exception>
    public static (MessageKind Kind, int BodyLength) Read(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        return length is >= 1 and <= MaxLength
            ? ((MessageKind)header[4], (int)length - 1)
            : throw new CodecException("A message has a length that cannot be.");
    }
}
