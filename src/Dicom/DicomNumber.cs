using System.Buffers.Binary;
using System.Globalization;

namespace SecureStore.Dicom;

/// <summary>The little-endian binary numbers of AT, FD, FL, SL, SS, SV, UL, US and UV values (PS3.5 6.2).</summary>
internal static class DicomNumber
{
    /// <summary>Bytes of one value: an AT is two words.</summary>
    public static int Size(DicomVR vr) => vr == DicomVR.AT ? 4 : vr.UnitSize;

    /// <summary>Whole values; bytes behind the last whole one do not count.</summary>
    public static int Count(DicomElement element) => element.Value.Length / Size(element.VR);

    /// <summary>False where there is no such value, or it is no whole number of 64 bits.</summary>
    public static bool TryGetInt64(DicomElement element, int index, out long value)
    {
        value = 0;
        var vr = element.VR;
        if (index < 0 || index >= Count(element) || vr == DicomVR.FL || vr == DicomVR.FD)
            return false;

        var at = element.Value.Span[(index * Size(vr))..];
        switch (vr.Code)
        {
            case "US":
                value = BinaryPrimitives.ReadUInt16LittleEndian(at);
                return true;
            case "SS":
                value = BinaryPrimitives.ReadInt16LittleEndian(at);
                return true;
            case "UL":
                value = BinaryPrimitives.ReadUInt32LittleEndian(at);
                return true;
            case "SL":
                value = BinaryPrimitives.ReadInt32LittleEndian(at);
                return true;
            case "AT":
                value = TagAt(at).Value;
                return true;
            case "SV":
                value = BinaryPrimitives.ReadInt64LittleEndian(at);
                return true;
            default:
                value = BinaryPrimitives.ReadInt64LittleEndian(at);
                return value >= 0;
        }
    }

    public static bool TryGetDouble(DicomElement element, int index, out double value)
    {
        value = 0;
        if (index < 0 || index >= Count(element))
            return false;

        var at = element.Value.Span[(index * Size(element.VR))..];
        if (element.VR == DicomVR.FL)
            value = BinaryPrimitives.ReadSingleLittleEndian(at);
        else if (element.VR == DicomVR.FD)
            value = BinaryPrimitives.ReadDoubleLittleEndian(at);
        else if (element.VR == DicomVR.UV)
            value = BinaryPrimitives.ReadUInt64LittleEndian(at);
        else if (TryGetInt64(element, index, out var whole))
            value = whole;

        return true;
    }

    public static DicomTag GetTag(DicomElement element, int index) => TagAt(element.Value.Span[(index * 4)..]);

    public static ulong GetUInt64(DicomElement element, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(element.Value.Span[(index * 8)..]);

    public static string[] Format(DicomElement element)
    {
        var values = new string[Count(element)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = element.VR.Code switch
            {
                "AT" => GetTag(element, i).ToString(),
                "UV" => GetUInt64(element, i).ToString(CultureInfo.InvariantCulture),
                "FL" or "FD" when TryGetDouble(element, i, out var real) => real.ToString("R", CultureInfo.InvariantCulture),
                _ when TryGetInt64(element, i, out var whole) => whole.ToString(CultureInfo.InvariantCulture),
                _ => "",
            };
        }

        return values;
    }

    /// <exception cref="DicomDataException">A text is no number that the representation can hold.</exception>
    public static byte[] Parse(DicomVR vr, IReadOnlyList<string> values)
    {
        var size = Size(vr);
        var bytes = new byte[size * values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            if (!TryWrite(vr, values[i], bytes.AsSpan(i * size, size)))
                throw new DicomDataException($"A value is no number of the representation {vr}.");
        }

        return bytes;
    }

    private static bool TryWrite(DicomVR vr, string text, Span<byte> target)
    {
        const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        var invariant = CultureInfo.InvariantCulture;
        switch (vr.Code)
        {
            case "AT" when DicomTag.TryParse(text, out var tag):
                BinaryPrimitives.WriteUInt16LittleEndian(target, tag.Group);
                BinaryPrimitives.WriteUInt16LittleEndian(target[2..], tag.Element);
                return true;
            case "FL" when float.TryParse(text, NumberStyles.Float, invariant, out var single):
                BinaryPrimitives.WriteSingleLittleEndian(target, single);
                return true;
            case "FD" when double.TryParse(text, NumberStyles.Float, invariant, out var real):
                BinaryPrimitives.WriteDoubleLittleEndian(target, real);
                return true;
            case "UV" when ulong.TryParse(text, Whole, invariant, out var big):
                BinaryPrimitives.WriteUInt64LittleEndian(target, big);
                return true;
            case "US" or "SS" or "UL" or "SL" or "SV" when long.TryParse(text, Whole, invariant, out var whole):
                return TryWriteWhole(vr, whole, target);
            default:
                return false;
        }
    }

    private static bool TryWriteWhole(DicomVR vr, long value, Span<byte> target)
    {
        var (least, most) = vr.Code switch
        {
            "US" => (ushort.MinValue, ushort.MaxValue),
            "SS" => (short.MinValue, short.MaxValue),
            "UL" => (uint.MinValue, uint.MaxValue),
            "SL" => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (value < least || value > most)
            return false;

        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..target.Length].CopyTo(target);
        return true;
    }

    private static DicomTag TagAt(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));
}
