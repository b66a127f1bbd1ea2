using System.Text;
using System.Text.Json;

namespace SecureStore.Dicom;

/// <summary>Reads the DICOM JSON Model; the property "vr" may stand behind the value.</summary>
internal sealed class DicomJsonReader
{
    private readonly DicomReadOptions _limits;
    private bool _needsCharacterSet;
    private int _elements;

    private DicomJsonReader(DicomReadOptions limits) => _limits = limits;

    public static DicomDataset Read(ReadOnlySpan<byte> utf8Json, DicomReadOptions limits)
    {
        if (utf8Json.Length > limits.MaxHeaderBytes)
            throw new DicomDataException("The DICOM JSON is longer than the limit allows.");

        try
        {
            // A level of sequences is three of JSON: the element, its values, the item.
            var json = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = (limits.MaxDepth * 3) + 4 });
            var reader = new DicomJsonReader(limits);
            json.Read();
            var dataset = reader.ReadDataset(ref json);
            if (json.Read())
                throw Malformed();

            return reader._needsCharacterSet
                ? dataset.AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 192")
                : dataset;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Malformed();
        }
    }

    private DicomDataset ReadDataset(ref Utf8JsonReader json)
    {
        Expect(json.TokenType == JsonTokenType.StartObject);
        var dataset = new DicomDataset();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            Expect(DicomTag.TryParse(json.GetString(), out var tag));
            if (++_elements > _limits.MaxElements)
                throw new DicomDataException("The DICOM JSON has more elements than the limit allows.");

            json.Read();
            if (ReadElement(ref json, tag) is { } item)
                dataset.Append(item);
        }

        Expect(json.TokenType == JsonTokenType.EndObject);
        return dataset;
    }

    private DicomItem? ReadElement(ref Utf8JsonReader json, DicomTag tag)
    {
        Expect(json.TokenType == JsonTokenType.StartObject);
        var vr = FindVR(json) ?? DicomDictionary.VRFor(tag);
        DicomItem? item = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("Value"u8))
            {
                json.Read();
                item = vr == DicomVR.SQ ? ReadSequence(ref json, tag) : ReadValues(ref json, tag, vr);
            }
            else if (json.ValueTextEquals("InlineBinary"u8))
            {
                item = new DicomElement(tag, vr, DicomDataset.Padded(vr, Convert.FromBase64String(ReadText(ref json))));
            }
            else if (json.ValueTextEquals("BulkDataURI"u8))
            {
                item = new DicomBulkItem(tag, vr, 0, 0, ReadText(ref json));
            }
            else
            {
                json.Skip();
            }
        }

        Expect(json.TokenType == JsonTokenType.EndObject);
        if (tag != DicomTag.SpecificCharacterSet)
            return item ?? (vr == DicomVR.SQ ? new DicomSequence(tag) : new DicomElement(tag, vr, default));

        _needsCharacterSet |= item is not null;
        return null;
    }

    private static DicomVR? FindVR(Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("vr"u8))
            {
                json.Read();
                return DicomVR.Find(json.GetString()) ?? DicomVR.UN;
            }

            json.Skip();
        }

        return null;
    }

    /// <summary>A string, also where it stands alone in an array, as PS3.18's example of inline binary has it.</summary>
    private static string ReadText(ref Utf8JsonReader json)
    {
        json.Read();
        var isArray = json.TokenType == JsonTokenType.StartArray;
        if (isArray)
            json.Read();

        var text = json.GetString() ?? "";
        if (isArray)
            Expect(json.Read() && json.TokenType == JsonTokenType.EndArray);

        return text;
    }

    private DicomSequence ReadSequence(ref Utf8JsonReader json, DicomTag tag)
    {
        Expect(json.TokenType == JsonTokenType.StartArray);
        var sequence = new DicomSequence(tag);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            sequence.Add(json.TokenType == JsonTokenType.Null ? new DicomDataset() : ReadDataset(ref json));
        }

        return sequence;
    }

    private DicomElement ReadValues(ref Utf8JsonReader json, DicomTag tag, DicomVR vr)
    {
        Expect(json.TokenType == JsonTokenType.StartArray && vr.Kind != DicomValueKind.Bytes);
        var values = new List<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            values.Add(json.TokenType switch
            {
                JsonTokenType.Null => "",
                JsonTokenType.String => json.GetString()!,
                JsonTokenType.Number => Encoding.ASCII.GetString(json.ValueSpan),
                JsonTokenType.StartObject when vr == DicomVR.PN => ReadName(ref json),
                _ => throw Malformed(),
            });
        }

        if (vr.Kind == DicomValueKind.Number)
            return new(tag, vr, DicomNumber.Parse(vr, values.FindAll(value => value.Length > 0)));

        var text = string.Join('\\', values);
        _needsCharacterSet |= !Ascii.IsValid(text);
        return new(tag, vr, DicomDataset.Padded(vr, Encoding.UTF8.GetBytes(text)));
    }

    private static string ReadName(ref Utf8JsonReader json)
    {
        var (alphabetic, ideographic, phonetic) = ("", "", "");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ref var group = ref alphabetic;
            if (json.ValueTextEquals("Ideographic"u8))
                group = ref ideographic;
            else if (json.ValueTextEquals("Phonetic"u8))
                group = ref phonetic;
            else
                Expect(json.ValueTextEquals("Alphabetic"u8));

            json.Read();
            group = json.GetString() ?? "";
        }

        return $"{alphabetic}={ideographic}={phonetic}".TrimEnd('=');
    }

    private static void Expect(bool condition)
    {
        if (!condition)
            throw Malformed();
    }

    /// <summary>Without the JSON parser's message: it may quote what it stumbled over.</summary>
    private static DicomDataException Malformed() => new("This is no DICOM JSON.");
}
