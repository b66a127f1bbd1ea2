using System.Text;

namespace SecureStore.Dicom.CharacterSets;

/// <summary>UTF-8, GB18030 or GBK: a character set that allows no code extensions (PS3.5 6.1.2.5.4).</summary>
/// <remarks>
/// GBK is read as the GB18030 that grew out of it: after a lead byte that nothing fits, that decoder goes on with the
/// next byte, where the one for GBK swallows a backslash.
/// </remarks>
internal sealed class StandAloneEncoding(int codePage)
{
    private const int LongestGbkCharacter = 2;

    private readonly Encoding _encoding = CodePages.Get(codePage == CodePages.Gbk ? CodePages.Gb18030 : codePage);
    private readonly bool _isGbk = codePage == CodePages.Gbk;

    /// <summary>Never throws; what is not valid is U+FFFD.</summary>
    public string Decode(ReadOnlySpan<byte> value) => _encoding.GetString(value);

    /// <exception cref="DicomDataException">The encoding does not have one of the characters.</exception>
    public byte[] Encode(string text)
    {
        try
        {
            var bytes = _encoding.GetBytes(text);
            return !_isGbk || IsGbk(text) ? bytes : throw NotEncodable();
        }
        catch (EncoderFallbackException)
        {
            // Its message would quote the character.
            throw NotEncodable();
        }
    }

    private bool IsGbk(string text)
    {
        Span<byte> bytes = stackalloc byte[4];
        Span<char> characters = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (_encoding.GetBytes(characters[..rune.EncodeToUtf16(characters)], bytes) > LongestGbkCharacter)
                return false;
        }

        return true;
    }

    private static DicomDataException NotEncodable() =>
        new("The text has a character that is not in the data set's Specific Character Set (0008,0005).");
}
