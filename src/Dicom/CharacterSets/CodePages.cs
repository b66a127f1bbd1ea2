using System.Text;

namespace SecureStore.Dicom.CharacterSets;

/// <summary>The runtime's code pages: reading puts U+FFFD for what is not valid, writing throws.</summary>
internal static class CodePages
{
    public const int Gbk = 936;
    public const int Gb18030 = 54936;
    public const int Utf8 = 65001;

    public static Encoding Get(int codePage)
    {
        var (encoder, decoder) = (EncoderFallback.ExceptionFallback, new DecoderReplacementFallback("\uFFFD"));
        return CodePagesEncodingProvider.Instance.GetEncoding(codePage, encoder, decoder)
            ?? Encoding.GetEncoding(codePage, encoder, decoder);
    }
}
