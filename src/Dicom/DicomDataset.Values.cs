using System.Globalization;
using System.Text;

namespace SecureStore.Dicom;

public sealed partial class DicomDataset
{
    private static readonly char[] Padding = [' ', '\0'];

    /// <summary>
    /// The element's first value as text, without its padding (PS3.5 6.2); numbers in decimal, AT as eight hexadecimal
    /// digits. Null where the element is absent or empty, or its value is bytes, a sequence or not in memory.
    /// </summary>
    public string? GetString(DicomTag tag) => GetStrings(tag) is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>All values, as <see cref="GetString"/> gives one; an empty value among others is an empty string.</summary>
    public string[] GetStrings(DicomTag tag) => Find(tag) is DicomElement element ? GetStrings(element) : [];

    /// <summary>The number at this index of a US, SS, UL, SL, UV, SV or IS element, where it is there and fits.</summary>
    public bool TryGetInt32(DicomTag tag, out int value, int index = 0)
    {
        value = 0;
        if (Find(tag) is not DicomElement element)
            return false;

        if (element.VR.Kind == DicomValueKind.Number)
        {
            if (element.VR == DicomVR.AT || !DicomNumber.TryGetInt64(element, index, out var number))
                return false;

            value = unchecked((int)number);
            return value == number;
        }

        var texts = GetStrings(element);
        return index < texts.Length
            && int.TryParse(texts[index], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>As <see cref="TryGetInt32"/>.</summary>
    /// <exception cref="DicomDataException">There is no such number.</exception>
    public int GetInt32(DicomTag tag, int index = 0) =>
        TryGetInt32(tag, out var value, index) ? value : throw new DicomDataException($"({tag}) has no such number.");

    /// <summary>The number at this index of a numeric, DS or IS element; may be infinite or NaN where it is FL or FD.</summary>
    public bool TryGetDouble(DicomTag tag, out double value, int index = 0)
    {
        value = 0;
        if (Find(tag) is not DicomElement element)
            return false;

        if (element.VR.Kind == DicomValueKind.Number)
            return DicomNumber.TryGetDouble(element, index, out value);

        var texts = GetStrings(element);
        return index < texts.Length
            && double.TryParse(texts[index], NumberStyles.Float & ~NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>Adds an element that is present and empty.</summary>
    public DicomDataset AddOrUpdate(DicomTag tag) => AddOrUpdate(tag, DicomDictionary.VRFor(tag), []);

    /// <summary>Adds text values in the dictionary's representation; numbers are read from the text where that asks for them.</summary>
    /// <exception cref="DicomDataException">The character set lacks a character, or a text is no number.</exception>
    public DicomDataset AddOrUpdate(DicomTag tag, params string[] values) =>
        AddOrUpdate(tag, DicomDictionary.VRFor(tag), values);

    /// <summary>Adds values in the given representation.</summary>
    /// <exception cref="DicomDataException">The character set lacks a character, or a text is no number.</exception>
    public DicomDataset AddOrUpdate(DicomTag tag, DicomVR vr, params string[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(vr);
        if (vr == DicomVR.SQ)
            return AddOrUpdate(new DicomSequence(tag));

        var bytes = vr.Kind switch
        {
            DicomValueKind.Number => DicomNumber.Parse(vr, values),
            DicomValueKind.Bytes when values.Length == 0 => [],
            DicomValueKind.Bytes => throw new DicomDataException($"({tag}) {vr} does not hold text."),
            _ => CharacterSet.Encode(string.Join('\\', values), vr),
        };
        return AddOrUpdate(new DicomElement(tag, vr, Padded(vr, bytes)));
    }

    /// <summary>Adds whole numbers, as text where the representation is text (IS, DS).</summary>
    /// <exception cref="DicomDataException">A number does not fit the representation.</exception>
    public DicomDataset AddOrUpdate(DicomTag tag, params long[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return AddOrUpdate(tag, [.. values.Select(value => value.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>Adds numbers, as text where the representation is text (DS).</summary>
    /// <exception cref="DicomDataException">A number does not fit the representation.</exception>
    public DicomDataset AddOrUpdate(DicomTag tag, params double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return AddOrUpdate(tag, [.. values.Select(value => value.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>Adds a sequence.</summary>
    public DicomDataset AddOrUpdate(DicomTag tag, params DicomDataset[] items) => AddOrUpdate(new DicomSequence(tag, items));

    /// <summary>The values of one of this data set's elements; see <see cref="GetStrings(DicomTag)"/>.</summary>
    internal string[] GetStrings(DicomElement element)
    {
        var vr = element.VR;
        switch (vr.Kind)
        {
            case DicomValueKind.Number:
                return DicomNumber.Format(element);
            case DicomValueKind.Text or DicomValueKind.LocalizedText:
                var values = Decode(element);
                return values is [] or [""] ? [] : values;
            default:
                return [];
        }
    }

    internal static ReadOnlyMemory<byte> Padded(DicomVR vr, byte[] value)
    {
        if (value.Length % 2 == 0)
            return value;

        Array.Resize(ref value, value.Length + 1);
        value[^1] = vr.Padding;
        return value;
    }

    private string[] Decode(DicomElement element)
    {
        var vr = element.VR;
        var bytes = element.Value.Span.TrimEnd(" \0"u8);
        if (bytes.IsEmpty)
            return [];

        var values = CharacterSet.DecodeValues(bytes, vr);
        for (var i = 0; i < values.Length; i++)
        {
            var keepsLeadingSpaces = !vr.IsMultiValued || vr == DicomVR.UC;
            values[i] = keepsLeadingSpaces ? values[i].TrimEnd(Padding) : values[i].Trim(Padding);
        }

        return values;
    }

    private static string[] SplitCodes(DicomItem item) =>
        item is DicomElement element
            ? [.. Encoding.Latin1.GetString(element.Value.Span).Split('\\').Select(code => code.Trim(Padding))]
            : [];
}
