using System.Buffers.Text;
using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.Silo.Search;

/// <summary>A DICOM JSON object (PS3.18 F.2) whose attributes are found without reading the others.</summary>
public sealed class AttributeSet
{
    private const int MaxDepth = 256;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    private readonly ReadOnlyMemory<byte> json;
    private readonly List<Entry> entries;

    private AttributeSet(ReadOnlyMemory<byte> json, List<Entry> entries) => (this.json, this.entries) = (json, entries);

    /// <exception cref="JsonException">Not one well-formed DICOM JSON object, or nested deeper than 256.</exception>
    public static AttributeSet Parse(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        var entries = new List<Entry>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Expect(Utf8Parser.TryParse(reader.ValueSpan, out uint tag, out var digits, 'X') && digits == 8 && reader.ValueSpan.Length == 8);
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.StartObject);
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            entries.Add(new(tag, start, (int)reader.BytesConsumed - start));
        }

        Expect(!reader.Read());
        entries.Sort();
        return new(json, entries);
    }

    /// <summary>The attribute's own JSON object ({"vr": ... }), or false where it is absent.</summary>
    public bool TryGet(DicomTag tag, out ReadOnlyMemory<byte> element)
    {
        var index = entries.BinarySearch(new(tag.Value, 0, 0));
        element = index >= 0 ? json.Slice(entries[index].Start, entries[index].Length) : default;
        return index >= 0;
    }

    /// <summary>The attribute's values in order, nulls left out; none where it is absent, empty or bulk.</summary>
    /// <exception cref="JsonException">The attribute is not of the form of PS3.18 F.2.</exception>
    public IReadOnlyList<AttributeValue> Values(DicomTag tag)
    {
        if (!TryGet(tag, out var element))
            return [];

        var values = new List<AttributeValue>(1);
        var isName = false;
        var reader = new Utf8JsonReader(element.Span, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("vr"u8))
            {
                reader.Read();
                isName = reader.ValueTextEquals("PN"u8);
            }
            else if (reader.ValueTextEquals("Value"u8))
            {
                reader.Read();
                Expect(reader.TokenType == JsonTokenType.StartArray);
                ReadValues(ref reader, element, isName, values);
            }
            else
            {
                reader.Skip();
            }
        }

        return values;
    }

    private static void ReadValues(ref Utf8JsonReader reader, ReadOnlyMemory<byte> element, bool isName, List<AttributeValue> values)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.String when isName:
                    values.Add(AttributeValue.OfName(Text(ref reader), "", ""));
                    break;
                case JsonTokenType.String:
                    values.Add(AttributeValue.OfText(Text(ref reader)));
                    break;
                case JsonTokenType.Number:
                    values.Add(AttributeValue.OfText(System.Text.Encoding.ASCII.GetString(reader.ValueSpan)));
                    break;
                case JsonTokenType.StartObject when isName:
                    values.Add(ReadName(ref reader));
                    break;
                case JsonTokenType.StartObject:
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    values.Add(AttributeValue.OfItem(element[start..(int)reader.BytesConsumed]));
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    throw new JsonException("A value of an unexpected kind.");
            }
        }
    }

    private static AttributeValue ReadName(ref Utf8JsonReader reader)
    {
        var (alphabetic, ideographic, phonetic) = ("", "", "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var group = reader.ValueTextEquals("Alphabetic"u8) ? 1 : reader.ValueTextEquals("Ideographic"u8) ? 2
                : reader.ValueTextEquals("Phonetic"u8) ? 3 : 0;
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.String);
            _ = group switch
            {
                1 => alphabetic = Text(ref reader),
                2 => ideographic = Text(ref reader),
                3 => phonetic = Text(ref reader),
                _ => "",
            };
        }

        return AttributeValue.OfName(alphabetic, ideographic, phonetic);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text is not valid Unicode.", exception);
        }
    }

    private static void Expect(bool condition)
    {
        if (!condition)
            throw new JsonException("Not a DICOM JSON object.");
    }

    private readonly record struct Entry(uint Tag, int Start, int Length) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Tag.CompareTo(other.Tag);
    }
}
