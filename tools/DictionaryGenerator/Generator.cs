using System.Text;

namespace SecureStore.DictionaryGenerator;

/// <summary>
/// Turns the tables into C#: constant arrays and text that live in the assembly's image, so that nothing is built at
/// start-up.
/// </summary>
public static class Generator
{
    private const string Header =
        "// Made by tools/DictionaryGenerator from its tables. Do not edit.\n\nnamespace SecureStore.Dicom;\n\n";

    /// <summary>The generated files by name, with LF line ends.</summary>
    public static Dictionary<string, string> Run(string tables)
    {
        var elements = Registry.Elements(tables);
        var uids = Registry.Uids(tables);
        RefuseDuplicates(elements.Select(row => $"{row.Tag:X8} {row.Mask:X8}"), elements.Select(row => row.Keyword));
        RefuseDuplicates(uids.Select(row => row.Uid), uids.Select(row => row.Keyword));

        return new()
        {
            ["DicomTag.cs"] = Tags(elements),
            ["DicomDictionaryData.cs"] = Dictionary(elements),
            ["DicomUID.cs"] = UidMembers(uids),
            ["DicomUIDData.cs"] = UidData(uids),
        };
    }

    private static string Tags(List<ElementRow> elements)
    {
        var code = new StringBuilder(Header).Append("public readonly partial record struct DicomTag\n{\n");
        foreach (var row in elements.Where(row => row.Keyword.Length > 0).OrderBy(row => row.Tag))
        {
            var (group, element) = (row.Tag >> 16, row.Tag & 0xFFFF);
            var retired = row.IsRetired ? ", retired" : "";
            var number = $"({Digits(row, 16)},{Digits(row, 0)})";
            code.Append($"    /// <summary>{number} {Escaped(row.Name)}{VRs(row)}{retired}</summary>\n");
            code.Append($"    public static DicomTag {row.Keyword} => new(0x{group:X4}, 0x{element:X4});\n\n");
        }

        return Close(code);
    }

    private static string Dictionary(List<ElementRow> elements)
    {
        var exact = elements.Count(row => !row.IsRepeating);
        var vrs = elements.Select(row => row.VRs).Distinct().Order(StringComparer.Ordinal).ToList();
        var vms = elements.Select(row => row.VM).Distinct().Order(StringComparer.Ordinal).ToList();
        var keywords = Enumerable.Range(0, elements.Count).Where(i => elements[i].Keyword.Length > 0)
            .OrderBy(i => elements[i].Keyword, StringComparer.Ordinal);
        var code = new StringBuilder(Header).Append("internal static class DicomDictionaryData\n{\n");
        code.Append($"    internal const int ExactCount = {exact};\n\n");
        Numbers(code, "uint", "Tags", elements.Select(row => $"0x{row.Tag:X8}"));
        Numbers(code, "uint", "RepeatingMasks", elements.Skip(exact).Select(row => $"0x{row.Mask:X8}"));
        Numbers(code, "byte", "VRs", elements.Select(row => $"{vrs.IndexOf(row.VRs)}"));
        Numbers(code, "byte", "VMs", elements.Select(row => $"{vms.IndexOf(row.VM) | (row.IsRetired ? 0x80 : 0)}"));
        Numbers(code, "ushort", "ByKeyword", keywords.Select(i => $"{i}"));
        Strings(code, "VRNames", vrs);
        Strings(code, "VMNames", vms);
        Text(code, elements.Select(row => $"{row.Keyword}|{row.Name}"));
        return Close(code);
    }

    private static string UidMembers(List<UidRow> uids)
    {
        var code = new StringBuilder(Header).Append("public sealed partial record DicomUID\n{\n");
        for (var i = 0; i < uids.Count; i++)
        {
            var retired = uids[i].IsRetired ? ", retired" : "";
            code.Append($"    /// <summary>{uids[i].Uid} {Escaped(uids[i].Name)}{retired}</summary>\n");
            code.Append($"    public static DicomUID {uids[i].Keyword} => Known({i});\n\n");
        }

        return Close(code);
    }

    private static string UidData(List<UidRow> uids)
    {
        var code = new StringBuilder(Header).Append("internal static class DicomUIDData\n{\n");
        Numbers(code, "byte", "Types", uids.Select(row => $"(byte)DicomUidType.{row.Type}"));
        Numbers(code, "byte", "Retired", uids.Select(row => row.IsRetired ? "1" : "0"));
        Text(code, uids.Select(row => $"{row.Uid}|{row.Name}"));
        return Close(code);
    }

    private static string Digits(ElementRow row, int shift)
    {
        var digits = $"{(row.Tag >> shift) & 0xFFFF:X4}".ToCharArray();
        for (var i = 0; i < 4; i++)
        {
            if (((row.Mask >> shift >> (12 - (4 * i))) & 0xF) == 0)
                digits[i] = 'x';
        }

        return new(digits);
    }

    private static string VRs(ElementRow row) => row.VRs.Length == 0 ? "" : $", {row.VRs} {row.VM}";

    private static string Escaped(string name) =>
        name.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static void Numbers(StringBuilder code, string type, string name, IEnumerable<string> values)
    {
        code.Append($"    internal static ReadOnlySpan<{type}> {name} =>\n    [\n");
        foreach (var line in values.Chunk(10))
            code.Append("        ").AppendJoin(", ", line).Append(",\n");

        code.Append("    ];\n\n");
    }

    private static void Strings(StringBuilder code, string name, IEnumerable<string> values) =>
        code.Append($"    internal static readonly string[] {name} = [\"").AppendJoin("\", \"", values)
            .Append("\"];\n\n");

    private static void Text(StringBuilder code, IEnumerable<string> values)
    {
        var lines = values.ToList();
        if (lines.Exists(line => line.Any(c => c is < ' ' or > '~' or '"') || line.Count(c => c == '|') != 1))
            throw new InvalidDataException("A name holds a character that the packed text cannot.");

        var offset = 0;
        List<string> offsets = ["0"];
        foreach (var line in lines)
            offsets.Add($"{offset += line.Length + 1}");

        Numbers(code, "int", "Offsets", offsets);
        code.Append("    /// <summary>A line for each entry, ended by one LF: the offsets count on it.</summary>\n");
        code.Append("    internal static ReadOnlySpan<byte> Text => \"\"\"\n");
        foreach (var line in lines)
            code.Append("        ").Append(line).Append('\n');

        code.Append("\n        \"\"\"u8;\n\n");
    }

    private static string Close(StringBuilder code)
    {
        code.Length--;
        return code.Append("}\n").ToString();
    }

    private static void RefuseDuplicates(IEnumerable<string> keys, IEnumerable<string> keywords)
    {
        foreach (var values in new[] { keys, keywords.Where(keyword => keyword.Length > 0) })
        {
            if (values.CountBy(value => value).FirstOrDefault(pair => pair.Value > 1) is { Key: { } twice })
                throw new InvalidDataException($"Twice in the table: {twice}");
        }
    }
}
