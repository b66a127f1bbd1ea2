using System.Text;

namespace SecureStore.Silo.Search;

/// <summary>
/// Names as they are compared: without case, without accents, full-width letters as their usual ones. PS3.4 C.2.2.2.1
/// leaves that to the implementation for PN. The process is culture-invariant and has no normaliser, hence the tables.
/// </summary>
public static class NameFolding
{
    private const char LatinStart = '\u00C0';
    private const char GreekStart = '\u0370';
    private const char LatinAdditionalStart = '\u1E00';

    private const string Latin =
        "AAAAAAÆCEEEEIIIIÐNOOOOO×OUUUUYÞßAAAAAAÆCEEEEIIIIÐNOOOOO÷OUUUUYÞYAAAAAACCCCCCCCDDDDEEEEEEEEEEGGGG" +
        "GGGGHHHHIIIIIIIIIIĲĲJJKKKLLLLLLLLLLNNNNNNŉŊŊOOOOOOŒŒRRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS" +
        "ɃƁƂƂƄƄƆƇƇƉƊƋƋƍƎƏƐƑƑƓƔǶƖƗƘƘȽƛƜƝȠƟOOƢƢƤƤƦƧƧƩƪƫƬƬƮUUƱƲƳƳƵƵƷƸƸƺƻƼƼƾǷǀǁǂǃǄǄǄǇǇǇǊǊǊAAIIOOUUUUUUUUUUƎAA" +
        "AAÆÆǤǤGGKKOOOOƷƷjǱǱǱGGǶǷNNAAÆÆOOAAAAEEEEIIIIOOOORRRRUUUUSSTTȜȜHHȠȡȢȢȤȤAAEEOOOOOOOOYYȴȵȶȷȸȹȺȻȻȽȾⱾ" +
        "ⱿɁɁɃɄɅɆɆɈɈɊɊɌɌɎɎ";

    private const string Greek =
        "ͰͰͲͲʹ͵ͶͶ\u0378\u0379ͺϽϾϿ;Ϳ\u0380\u0381\u0382\u0383΄¨Α·ΕΗΙ\u038BΟ\u038DΥΩιΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ\u03A2ΣΤΥΦΧΨΩΙΥΑΕΗΙυΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΣΤΥΦΧΨΩΙΥΟΥΩϏ" +
        "ΒΘϒϒϒΦΠϏϘϘϚϚϜϜϞϞϠϠϢϢϤϤϦϦϨϨϪϪϬϬϮϮΚΡϹͿϴΕ϶ϷϷϹϺϺϼϽϾϿ";

    private const string LatinAdditional =
        "AABBBBBBCCDDDDDDDDDDEEEEEEEEEEFFGGHHHHHHHHHHIIIIKKKKKKLLLLLLLLMMMMMMNNNNNNNNOOOOOOOOPPPPRRRRRRRR" +
        "SSSSSSSSSSTTTTTTTTUUUUUUUUUUVVVVWWWWWWWWWWXXXXYYZZZZZZhtwyẚSẜẝẞẟAAAAAAAAAAAAAAAAAAAAAAAAEEEEEEEE" +
        "EEEEEEEEIIIIOOOOOOOOOOOOOOOOOOOOOOOOUUUUUUUUUUUUUUYYYYYYYYỺỺỼỼỾỾ";

    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (character < 0x80)
                folded.Append(char.ToUpperInvariant(character));
            else if (!IsCombiningMark(character))
                Append(folded, Base(character));
        }

        return folded.ToString();
    }

    private static char Base(char character) => character switch
    {
        >= LatinStart when character - LatinStart < Latin.Length => Latin[character - LatinStart],
        >= GreekStart when character - GreekStart < Greek.Length => Greek[character - GreekStart],
        >= LatinAdditionalStart when character - LatinAdditionalStart < LatinAdditional.Length => LatinAdditional[character - LatinAdditionalStart],
        '\u3000' => ' ',
        >= '\uFF01' and <= '\uFF5E' => char.ToUpperInvariant((char)(character - 0xFEE0)),
        _ => char.ToUpperInvariant(character),
    };

    private static void Append(StringBuilder folded, char character)
    {
        switch (character)
        {
            case '\u00C6':
                folded.Append("AE");
                break;
            case '\u00DE':
                folded.Append("TH");
                break;
            case '\u00DF' or '\u1E9E':
                folded.Append("SS");
                break;
            case '\u0152':
                folded.Append("OE");
                break;
            default:
                folded.Append(char.ToUpperInvariant(character));
                break;
        }
    }

    private static bool IsCombiningMark(char character) => character is >= '\u0300' and <= '\u036F';
}
