namespace SecureStore.Silo.Search;

/// <summary>One value of an attribute in DICOM JSON (PS3.18 F.2): a text or number, a name, or an item of a sequence.</summary>
public readonly record struct AttributeValue
{
    /// <summary>Texts and numbers as text, without spaces at the ends; null for names and items.</summary>
    public string? Text { get; private init; }

    /// <summary>A name's component groups (alphabetic, ideographic, phonetic) in their places; empty where it is no name.</summary>
    public IReadOnlyList<string> NameGroups { get => field ?? []; private init; }

    /// <summary>A sequence item, one DICOM JSON object.</summary>
    public ReadOnlyMemory<byte> Item { get; private init; }

    public bool IsEmpty => string.IsNullOrEmpty(Text) && Item.IsEmpty && NameGroups.All(group => group.Length == 0);

    public static AttributeValue OfText(string text) => new() { Text = text.Trim(' ', '\0') };

    public static AttributeValue OfName(string alphabetic, string ideographic, string phonetic) =>
        new() { NameGroups = [alphabetic, ideographic, phonetic] };

    public static AttributeValue OfItem(ReadOnlyMemory<byte> item) => new() { Item = item };

    /// <summary>The values of an attribute that has only one by the standard.</summary>
    public static AttributeValue Joined(IReadOnlyList<AttributeValue> values) =>
        OfText(string.Join('\\', values.Select(value => value.Text)));

    public override string ToString() => nameof(AttributeValue);
}
