using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SecureStore.Dicom;

/// <summary>Writes elements as properties named by their tags (PS3.18 F.2).</summary>
internal sealed class DicomJsonWriter(Utf8JsonWriter json, bool writesBulk, IList<int>? bulkOffsets)
{
    /// <summary>The largest whole number that every JSON reader takes exactly (RFC 8259 section 6).</summary>
    private const long LargestExact = (1L << 53) - 1;

    private readonly List<(DicomTag Sequence, int Item)> _path = [];
    private int _bulkElements;

    private long Position => json.BytesCommitted + json.BytesPending;

    public void WriteElements(DicomDataset dataset, Func<DicomTag, bool>? filter, IList<DicomJsonElement>? places = null)
    {
        var separator = 0;
        Span<char> name = stackalloc char[8];
        foreach (var item in dataset)
        {
            var tag = item.Tag;
            if (tag.Element == 0 || tag.Group is 0 or 2 || filter?.Invoke(tag) == false)
                continue;

            var isBulk = item is not (DicomElement or DicomSequence) || tag.Value is 0x7FE00008 or 0x7FE00009 or 0x7FE00010;
            if (isBulk && !writesBulk)
                continue;

            var (start, bulkBefore) = (Position + separator, _bulkElements);
            separator = 1;
            tag.Value.TryFormat(name, out _, "X8", CultureInfo.InvariantCulture);
            json.WriteStartObject(name);
            json.WriteString("vr"u8, item.VR.Code);
            if (isBulk)
                WriteBulk(item);
            else if (item is DicomSequence sequence)
                WriteItems(sequence);
            else
                WriteValue(dataset, (DicomElement)item);

            json.WriteEndObject();
            places?.Add(new DicomJsonElement(tag, checked((int)start), checked((int)(Position - start)), _bulkElements > bulkBefore));
        }
    }

    private void WriteBulk(DicomItem item)
    {
        _bulkElements++;
        json.WritePropertyName("BulkDataURI"u8);
        if (item is DicomBulkItem { Uri: { } uri })
        {
            json.WriteStringValue(uri);
            return;
        }

        bulkOffsets?.Add(checked((int)(Position + 1)));
        var path = new StringBuilder("bulkdata/");
        foreach (var (sequence, index) in _path)
        {
            path.Append(sequence).Append('/').Append(index).Append('/');
        }

        json.WriteStringValue(path.Append(item.Tag).ToString());
    }

    private void WriteItems(DicomSequence sequence)
    {
        if (sequence.Items.Count == 0)
            return;

        json.WriteStartArray("Value"u8);
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            _path.Add((sequence.Tag, i));
            json.WriteStartObject();
            WriteElements(sequence.Items[i], filter: null);
            json.WriteEndObject();
            _path.RemoveAt(_path.Count - 1);
        }

        json.WriteEndArray();
    }

    private void WriteValue(DicomDataset dataset, DicomElement element)
    {
        if (element.VR.Kind is DicomValueKind.Bytes or DicomValueKind.Sequence)
        {
            if (!element.Value.IsEmpty)
                json.WriteBase64String("InlineBinary"u8, element.Value.Span);
        }
        else if (element.VR.Kind == DicomValueKind.Number)
        {
            WriteNumbers(element);
        }
        else if (dataset.GetStrings(element) is { Length: > 0 } values)
        {
            WriteTexts(element.VR, values);
        }
    }

    private void WriteNumbers(DicomElement element)
    {
        var count = DicomNumber.Count(element);
        if (count == 0)
            return;

        json.WriteStartArray("Value"u8);
        for (var i = 0; i < count; i++)
        {
            if (element.VR == DicomVR.AT)
                json.WriteStringValue(DicomNumber.GetTag(element, i).ToString());
            else if (element.VR == DicomVR.FL || element.VR == DicomVR.FD)
                WriteReal(element, i);
            else if (DicomNumber.TryGetInt64(element, i, out var whole) && whole is >= -LargestExact and <= LargestExact)
                json.WriteNumberValue(whole);
            else if (element.VR == DicomVR.UV)
                json.WriteStringValue(DicomNumber.GetUInt64(element, i).ToString(CultureInfo.InvariantCulture));
            else
                json.WriteStringValue(whole.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteEndArray();
    }

    /// <summary>JSON has no NaN and no infinity: they are strings.</summary>
    private void WriteReal(DicomElement element, int index)
    {
        _ = DicomNumber.TryGetDouble(element, index, out var real);
        if (double.IsFinite(real))
            json.WriteNumberValue(real);
        else
            json.WriteStringValue(real.ToString(CultureInfo.InvariantCulture));
    }

    private void WriteTexts(DicomVR vr, string[] values)
    {
        json.WriteStartArray("Value"u8);
        foreach (var value in values)
        {
            if (value.Length == 0)
                json.WriteNullValue();
            else if (vr == DicomVR.PN)
                WriteName(value);
            else if (vr == DicomVR.DS || vr == DicomVR.IS)
                WriteDecimal(value, isWhole: vr == DicomVR.IS);
            else
                json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>The component groups of a name, those that are not empty (PS3.18 F.2.2).</summary>
    private void WriteName(string value)
    {
        json.WriteStartObject();
        ReadOnlySpan<string> groups = ["Alphabetic", "Ideographic", "Phonetic"];
        var index = 0;
        foreach (var range in value.AsSpan().Split('='))
        {
            var group = value.AsSpan(range).Trim(' ');
            if (!group.IsEmpty && index < groups.Length)
                json.WriteString(groups[index], group);

            index++;
        }

        json.WriteEndObject();
    }

    /// <summary>A decimal string as the same digits in JSON's grammar; what is no finite number stays text (PS3.18 F.2.3).</summary>
    private void WriteDecimal(string value, bool isWhole)
    {
        Span<char> number = stackalloc char[JsonDecimal.MaxLength];
        if (JsonDecimal.TryWrite(value, isWhole, number, out var length))
            json.WriteRawValue(number[..length], skipInputValidation: true);
        else
            json.WriteStringValue(value);
    }
}
