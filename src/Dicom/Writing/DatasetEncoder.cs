using System.Buffers.Binary;

namespace SecureStore.Dicom;

/// <summary>Encodes a data set (PS3.5 section 7) into one buffer, in which lengths are filled in afterwards.</summary>
internal sealed class DatasetEncoder(bool isExplicit, bool isBigEndian, DicomSequenceLength sequences)
{
    private const uint Undefined = 0xFFFFFFFF;
    private static readonly DicomTag Item = new(0xFFFE, 0xE000);
    private static readonly DicomTag ItemEnd = new(0xFFFE, 0xE00D);
    private static readonly DicomTag SequenceEnd = new(0xFFFE, 0xE0DD);

    private byte[] _buffer = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public bool KeepsGroupLengths { get; init; }

    public void Write(DicomDataset dataset)
    {
        foreach (var item in dataset)
        {
            if (item.Tag.Element == 0 && item.Tag.Group != 0 && !KeepsGroupLengths)
                continue;

            switch (item)
            {
                case DicomElement element:
                    WriteElement(element);
                    break;
                case DicomSequence sequence:
                    WriteSequence(sequence);
                    break;
                case DicomFragmentItem fragments:
                    WriteFragments(fragments);
                    break;
                default:
                    throw new DicomDataException($"The value of ({item.Tag}) is not in memory.");
            }
        }
    }

    private void WriteElement(DicomElement element)
    {
        var value = element.Value.Span;
        var padded = (long)value.Length + (value.Length & 1);
        var vr = !element.VR.HasLongLength && padded > ushort.MaxValue ? DicomVR.UN : element.VR;
        WriteHeader(element.Tag, vr, (uint)padded);
        var target = Take((int)padded);
        value.CopyTo(target);
        if (value.Length < padded)
            target[^1] = element.VR.Padding;

        if (isBigEndian && vr != DicomVR.UN)
            DicomByteOrder.Swap(target, vr);
    }

    private void WriteSequence(DicomSequence sequence)
    {
        var isDefined = sequences == DicomSequenceLength.Defined;
        WriteHeader(sequence.Tag, DicomVR.SQ, isDefined ? 0 : Undefined);
        var start = _length;
        foreach (var item in sequence.Items)
        {
            WriteItemHeader(Item, isDefined ? 0 : Undefined);
            var itemStart = _length;
            Write(item);
            if (isDefined)
                FillIn(itemStart);
            else
                WriteItemHeader(ItemEnd, 0);
        }

        if (isDefined)
            FillIn(start);
        else
            WriteItemHeader(SequenceEnd, 0);
    }

    private void WriteFragments(DicomFragmentItem item)
    {
        WriteHeader(item.Tag, item.VR, Undefined);
        WriteFragment(item.OffsetTable.Span);
        foreach (var fragment in item.Fragments)
        {
            if (fragment.Data.Length != fragment.Length)
                throw new DicomDataException($"The value of ({item.Tag}) is not in memory.");

            WriteFragment(fragment.Data.Span);
        }

        WriteItemHeader(SequenceEnd, 0);
    }

    private void WriteFragment(ReadOnlySpan<byte> bytes)
    {
        var padded = bytes.Length + (bytes.Length & 1);
        WriteItemHeader(Item, (uint)padded);
        bytes.CopyTo(Take(padded));
    }

    private void WriteHeader(DicomTag tag, DicomVR vr, uint length)
    {
        WriteTag(tag);
        if (!isExplicit)
        {
            WriteUInt32(Take(4), length);
            return;
        }

        var code = Take(2);
        (code[0], code[1]) = ((byte)vr.Code[0], (byte)vr.Code[1]);
        if (vr.HasLongLength)
        {
            Take(2);
            WriteUInt32(Take(4), length);
        }
        else
        {
            WriteUInt16(Take(2), (ushort)length);
        }
    }

    private void WriteItemHeader(DicomTag tag, uint length)
    {
        WriteTag(tag);
        WriteUInt32(Take(4), length);
    }

    private void FillIn(int start) => WriteUInt32(_buffer.AsSpan(start - 4), (uint)(_length - start));

    private void WriteTag(DicomTag tag)
    {
        WriteUInt16(Take(2), tag.Group);
        WriteUInt16(Take(2), tag.Element);
    }

    private void WriteUInt16(Span<byte> target, ushort value)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(target, value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(target, value);
    }

    private void WriteUInt32(Span<byte> target, uint value)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(target, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(target, value);
    }

    /// <summary>Zeroed bytes at the end of what is written.</summary>
    private Span<byte> Take(int count)
    {
        var needed = (long)_length + count;
        if (needed > Array.MaxLength)
            throw new DicomDataException("The data set is too long to be written in memory.");

        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max(needed, 2L * _buffer.Length), Array.MaxLength));

        _length = (int)needed;
        return _buffer.AsSpan(_length - count, count);
    }
}
