using System.Globalization;

namespace SecureStore.DictionaryGenerator;

/// <summary>A data element of PS3.6; a repeating group has zero bits in its mask where any digit may stand.</summary>
public sealed record ElementRow(
    uint Tag, uint Mask, string Keyword, string Name, string VRs, string VM, bool IsRetired)
{
    public bool IsRepeating => Mask != uint.MaxValue;

    public static ElementRow Parse(string line)
    {
        if (line.Split('\t') is not [var tag, var keyword, var name, var vrs, var vm, var retired] || tag.Length != 8)
            throw new InvalidDataException($"Not an element: {line}");

        var value = Hex(tag.Replace('x', '0'));
        var mask = Hex(string.Concat(tag.Select(digit => digit == 'x' ? '0' : 'F')));
        return new(value, mask, keyword, name, vrs, vm, retired == "R");
    }

    private static uint Hex(string digits) => uint.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>A unique identifier of PS3.6 Annex A.</summary>
public sealed record UidRow(string Uid, string Keyword, string Name, string Type, bool IsRetired)
{
    public static UidRow Parse(string line) =>
        line.Split('\t') is [var uid, var keyword, var name, var type, var retired]
            ? new(uid, keyword, name, type, retired == "R")
            : throw new InvalidDataException($"Not a UID: {line}");
}

/// <summary>The tables of facts, in the order the generated code needs.</summary>
public static class Registry
{
    public static List<ElementRow> Elements(string folder) =>
        [
            .. Lines(folder, "dictionary.tsv").Select(ElementRow.Parse)
                .OrderBy(row => row.IsRepeating).ThenBy(row => row.Tag),
        ];

    public static List<UidRow> Uids(string folder) =>
        [.. Lines(folder, "uids.tsv").Select(UidRow.Parse).OrderBy(row => row.Uid, StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(string folder, string file) =>
        File.ReadLines(Path.Combine(folder, file)).Where(line => line.Length > 0 && line[0] != '#');
}
