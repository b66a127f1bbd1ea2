using System.Buffers.Binary;

namespace SecureStore.Dicom.Network;

/// <summary>Command sets as bytes: implicit VR little endian, group 0000 with its length in front (PS3.7 6.3.1).</summary>
internal static class DimseCommandSet
{
    /// <summary>The most bytes of a command set; real ones have a few hundred.</summary>
    public const int MaxLength = 64 * 1024;

    private const int GroupLengthSize = 12;

    /// <exception cref="DicomNetworkException">It is malformed.</exception>
    public static DicomDataset Read(ReadOnlyMemory<byte> bytes)
    {
        var command = new DicomDataset();
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 8)
                throw new DicomNetworkException("A command set ends within an element.");

            var span = bytes.Span;
            var tag = new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(span), BinaryPrimitives.ReadUInt16LittleEndian(span[2..]));
            var length = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
            if (tag.Group != 0)
                throw new DicomNetworkException("A command set has elements of another group than 0000.");
            if (length > bytes.Length - 8)
                throw new DicomNetworkException("An element of a command set is longer than the set.");

            command.Append(new DicomElement(tag, DicomDictionary.VRFor(tag), bytes.Slice(8, (int)length)));
            bytes = bytes[(8 + (int)length)..];
        }

        return command;
    }

    public static ReadOnlySpan<byte> Write(DicomDataset command)
    {
        var encoder = new DatasetEncoder(isExplicit: false, isBigEndian: false, DicomSequenceLength.Defined);
        encoder.Write(command);
        var all = new byte[GroupLengthSize + encoder.Written.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(all.AsSpan(4), sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(all.AsSpan(8), (uint)encoder.Written.Length);
        encoder.Written.CopyTo(all.AsSpan(GroupLengthSize));
        return all;
    }
}
