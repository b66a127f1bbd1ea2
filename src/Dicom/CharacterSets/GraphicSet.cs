using System.Collections.Frozen;
using System.Text;

namespace SecureStore.Dicom.CharacterSets;

/// <summary>
/// A set of graphic characters that an ISO 2022 escape sequence brings into G0 (bytes 21-7E) or G1 (bytes A0-FF),
/// one or two bytes a character (PS3.3 tables C.12-3 and C.12-4).
/// </summary>
internal sealed class GraphicSet
{
    private const char Undefined = '\uFFFD';
    private const int Low = 0x20;
    private const int Columns = 96;

    private readonly Lazy<char[]> _characters;
    private readonly Lazy<FrozenDictionary<char, ushort>> _codes;

    private GraphicSet(string escape, bool isHigh, int width, Func<char[]> load)
    {
        (Escape, IsHigh, Width) = (Encoding.ASCII.GetBytes("\u001B" + escape), isHigh, width);
        _characters = new(load);
        _codes = new(IndexCodes);
    }

    /// <summary>The escape sequence that designates the set, ESC included.</summary>
    public byte[] Escape { get; }

    /// <summary>True for a set of G1.</summary>
    public bool IsHigh { get; }

    /// <summary>Bytes a character: 1 or 2.</summary>
    public int Width { get; }

    public static readonly GraphicSet Ascii = new("(B", isHigh: false, 1, () => []);

    /// <summary>ISO-IR 14, read as ASCII: 5C separates values here too (PS3.5 6.1.2.3), and 7E is a tilde.</summary>
    public static readonly GraphicSet JisRoman = new("(J", isHigh: false, 1, () => []);

    public static readonly GraphicSet Katakana = new(")I", isHigh: true, 1, LoadKatakana);
    public static readonly GraphicSet Latin1 = Single("-A", 28591);
    public static readonly GraphicSet Latin2 = Single("-B", 28592);
    public static readonly GraphicSet Latin3 = Single("-C", 28593);
    public static readonly GraphicSet Latin4 = Single("-D", 28594);
    public static readonly GraphicSet Greek =
        Single("-F", 28597, (0xA1, '\u2018'), (0xA2, '\u2019'), (0xA4, '\u20AC'), (0xA5, '\u20AF'), (0xAA, '\u037A'));
    public static readonly GraphicSet Arabic = Single("-G", 28596);
    public static readonly GraphicSet Hebrew =
        Single("-H", 28598, (0xAF, '\u00AF'), (0xFD, '\u200E'), (0xFE, '\u200F'));
    public static readonly GraphicSet Cyrillic = Single("-L", 28595);
    public static readonly GraphicSet Latin5 = Single("-M", 28599);
    public static readonly GraphicSet Thai = Single("-T", 874, (0xA0, Undefined));
    public static readonly GraphicSet Latin9 = Single("-b", 28605);

    public static readonly GraphicSet Kanji = Double("$B", isHigh: false, 20932, 0x80);
    public static readonly GraphicSet SupplementaryKanji =
        Double("$(D", isHigh: false, 20932, 0x00, (0x2237, '~'), (0x2271, '\u2116'));
    public static readonly GraphicSet Korean = Double("$)C", isHigh: true, 949, 0x80);
    public static readonly GraphicSet SimplifiedChinese =
        Double("$)A", isHigh: true, 936, 0x80, (0x2124, '\u30FB'), (0x212A, '\u2015'));

    /// <summary>The character of one byte of G1, a control character of 80-9F, or U+FFFD.</summary>
    public char Decode(byte code)
    {
        var column = (code & 0x7F) - Low;
        return column >= 0 ? _characters.Value[column] : this == Katakana ? Undefined : (char)code;
    }

    /// <summary>The character of two bytes, both in 21-7E or both in A1-FE, or U+FFFD.</summary>
    public char Decode(byte row, byte cell) => _characters.Value[IndexOf(row & 0x7F, cell & 0x7F)];

    /// <summary>The bytes of a character as G0 would have them: one byte, or row and cell.</summary>
    public bool TryEncode(char character, out ushort code) => _codes.Value.TryGetValue(character, out code);

    private static int IndexOf(int row, int cell) => ((row - Low) * Columns) + cell - Low;

    private static GraphicSet Single(string escape, int codePage, params (int Code, char Character)[] corrections) =>
        new(escape, isHigh: true, 1, () =>
        {
            var encoding = CodePages.Get(codePage);
            var characters = new char[Columns];
            for (var column = 0; column < Columns; column++)
                characters[column] = Read(encoding, [(byte)(0xA0 + column)]);

            foreach (var (code, character) in corrections)
                characters[code - 0xA0] = character;

            return characters;
        });

    private static GraphicSet Double(
        string escape, bool isHigh, int codePage, byte cellBit, params (int Code, char Character)[] corrections) =>
        new(escape, isHigh, 2, () =>
        {
            var encoding = CodePages.Get(codePage);
            var characters = new char[Columns * Columns];
            characters.AsSpan().Fill(Undefined);
            for (var row = 0x21; row < 0x7F; row++)
            {
                for (var cell = 0x21; cell < 0x7F; cell++)
                    characters[IndexOf(row, cell)] = Read(encoding, [(byte)(row | 0x80), (byte)(cell | cellBit)]);
            }

            foreach (var (code, character) in corrections)
                characters[IndexOf(code >> 8, code & 0xFF)] = character;

            return characters;
        });

    private static char Read(Encoding encoding, ReadOnlySpan<byte> bytes) =>
        encoding.GetString(bytes) is [var character] && character is < '\uE000' or > '\uF8FF' ? character : Undefined;

    private static char[] LoadKatakana()
    {
        var characters = new char[Columns];
        characters.AsSpan().Fill(Undefined);
        for (var code = 0xA1; code <= 0xDF; code++)
            characters[code - 0xA0] = (char)('\uFF61' + code - 0xA1);

        return characters;
    }

    private FrozenDictionary<char, ushort> IndexCodes()
    {
        var characters = _characters.Value;
        Dictionary<char, ushort> codes = [];
        for (var i = 0; i < characters.Length; i++)
        {
            var code = Width == 1 ? i + Low : (((i / Columns) + Low) << 8) | ((i % Columns) + Low);
            if (characters[i] != Undefined)
                codes.TryAdd(characters[i], (ushort)code);
        }

        return codes.ToFrozenDictionary();
    }
}
