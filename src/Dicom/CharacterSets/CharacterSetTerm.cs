using System.Globalization;

namespace SecureStore.Dicom.CharacterSets;

/// <summary>What a defined term of Specific Character Set stands for (PS3.3 C.12.1.1.2).</summary>
/// <param name="Sets">Graphic sets that the term makes available, G1 or double-byte set first.</param>
/// <param name="CodePage">The code page of a term that allows no code extensions; 0 for the others.</param>
internal sealed record CharacterSetTerm(GraphicSet[] Sets, int CodePage = 0)
{
    public static readonly CharacterSetTerm Ascii = new([]);

    private const int MaxLength = 64;
    private static readonly CharacterSetTerm Utf8 = new([], CodePages.Utf8);

    public bool IsStandAlone => CodePage != 0;

    /// <summary>
    /// The term, however its words are joined ("ISO_IR 100", "ISO IR 100", "iso-ir-100", "ISO 2022-IR 100"), or a
    /// common name of the same character set ("latin1", "ISO 8859-1", "UTF-8"). Null where it is none of these.
    /// </summary>
    public static CharacterSetTerm? Find(string? term)
    {
        var key = Squeeze(term);
        return key.Length == 0 ? Ascii : ByName(key) ?? ByRegistration(key) ?? ByIsoPart(key);
    }

    private static string Squeeze(string? term) =>
        string.Concat((term ?? "").Take(MaxLength).Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant));

    private static CharacterSetTerm? ByName(string key) => key switch
    {
        "GB18030" or "ISO2022GB18030" => new([], CodePages.Gb18030),
        "GBK" or "ISO2022GBK" => new([], CodePages.Gbk),
        "UTF8" or "ISO10646" => Utf8,
        "ASCII" or "USASCII" => Ascii,
        "LATIN1" => Registered(100),
        "SHIFTJIS" or "SJIS" => Registered(13),
        "EUCKR" => Registered(149),
        "GB2312" => Registered(58),
        _ => null,
    };

    private static CharacterSetTerm? ByRegistration(string key)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["ISO2022IR", "ISO2022", "ISOIR", "IR"])
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal)
                && int.TryParse(key[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return Registered(number);
        }

        return null;
    }

    private static CharacterSetTerm? ByIsoPart(string key) => key switch
    {
        "ISO88591" => Registered(100),
        "ISO88592" => Registered(101),
        "ISO88593" => Registered(109),
        "ISO88594" => Registered(110),
        "ISO88595" => Registered(144),
        "ISO88596" => Registered(127),
        "ISO88597" => Registered(126),
        "ISO88598" => Registered(138),
        "ISO88599" => Registered(148),
        "ISO885911" => Registered(166),
        "ISO885915" => Registered(203),
        _ => null,
    };

    private static CharacterSetTerm? Registered(int number) => number switch
    {
        6 => Ascii,
        13 or 14 => new([GraphicSet.Katakana, GraphicSet.JisRoman]),
        58 => new([GraphicSet.SimplifiedChinese]),
        87 => new([GraphicSet.Kanji, GraphicSet.JisRoman]),
        100 => new([GraphicSet.Latin1]),
        101 => new([GraphicSet.Latin2]),
        109 => new([GraphicSet.Latin3]),
        110 => new([GraphicSet.Latin4]),
        126 => new([GraphicSet.Greek]),
        127 => new([GraphicSet.Arabic]),
        138 => new([GraphicSet.Hebrew]),
        144 => new([GraphicSet.Cyrillic]),
        148 => new([GraphicSet.Latin5]),
        149 => new([GraphicSet.Korean]),
        159 => new([GraphicSet.SupplementaryKanji, GraphicSet.JisRoman]),
        166 => new([GraphicSet.Thai]),
        192 => Utf8,
        203 => new([GraphicSet.Latin9]),
        _ => null,
    };
}
