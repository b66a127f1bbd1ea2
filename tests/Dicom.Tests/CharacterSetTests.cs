using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using SecureStore.Contracts;

namespace SecureStore.Dicom.Tests;

public class CharacterSetTests
{
    private const string Vectors = "tests/vectors/charsets/";

    private static readonly string[] AllTerms =
    [
        "", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126",
        "ISO_IR 138", "ISO_IR 148", "ISO_IR 203", "ISO_IR 13", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK",
        "ISO 2022 IR 6", "ISO 2022 IR 100", "ISO 2022 IR 101", "ISO 2022 IR 109", "ISO 2022 IR 110",
        "ISO 2022 IR 144", "ISO 2022 IR 127", "ISO 2022 IR 126", "ISO 2022 IR 138", "ISO 2022 IR 148",
        "ISO 2022 IR 203", "ISO 2022 IR 13", "ISO 2022 IR 166", "ISO 2022 IR 87", "ISO 2022 IR 159",
        "ISO 2022 IR 149", "ISO 2022 IR 58", "nonsense",
    ];

    private static readonly DicomVR[] TextVRs =
        [DicomVR.PN, DicomVR.LO, DicomVR.SH, DicomVR.UC, DicomVR.LT, DicomVR.ST, DicomVR.UT];

    private static readonly Gen<DicomCharacterSet> AnySet =
        Gen.OneOf(AllTerms).Array[0, 4].Select(DicomCharacterSet.FromSpecificCharacterSet);

    /// <summary>Bytes that tend to be escape sequences, delimiters and halves of characters.</summary>
    private static readonly Gen<byte[]> HostileBytes = Gen.OneOf(
        Gen.OneOf("", "$B", "$(D", "$)C", "$)A", ")I", "(J", "(B", "-F", "$")
            .Select(escape => Encoding.ASCII.GetBytes("\u001B" + escape)),
        Gen.OneOf("\\", "^", "=", "\r\n", "\t", " ", "\0").Select(Encoding.ASCII.GetBytes),
        Gen.Byte.Array[1, 4]).Array[0, 20].Select(parts => parts.SelectMany(part => part).ToArray());

    public static TheoryData<Example> Examples => Read("examples.json");

    public static TheoryData<Example> Terms => Read("terms.json");

    public static TheoryData<string, string, string> Repertoires =>
        [.. RepositoryFiles.Table(Vectors + "repertoires.tsv").Select(row => (row[0], row[1], row[2]))];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Examples_are_read_and_written(Example example)
    {
        var set = DicomCharacterSet.FromSpecificCharacterSet(example.Terms);
        var vr = DicomVR.Find(example.VR)!;
        Assert.Equal(example.Text, set.Decode(Convert.FromHexString(example.Hex), vr));
        if (example.IsEncodable)
            Assert.Equal(example.Text, set.Decode(set.Encode(example.Text, vr), vr));
    }

    [Theory]
    [MemberData(nameof(Terms))]
    public void Terms_and_their_misspellings_mean_what_they_mean_to_pydicom(Example example)
    {
        var set = DicomCharacterSet.FromSpecificCharacterSet(example.Terms);
        Assert.Equal(example.Text, set.Decode(Convert.FromHexString(example.Hex), DicomVR.Find(example.VR)!));
    }

    [Theory]
    [MemberData(nameof(Repertoires))]
    public void Every_character_of_every_set_is_read_and_written(string term, string first, string expected)
    {
        var isExtension = term.StartsWith("ISO 2022", StringComparison.Ordinal);
        var set = DicomCharacterSet.FromSpecificCharacterSet(isExtension ? ["", term] : [term]);
        var code = byte.Parse(first, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        for (var i = 0; i < expected.Length; i++)
        {
            byte[] bytes = isExtension
                ? [.. EscapeOf(term), code, (byte)((code & 0x80) + 0x21 + i)]
                : [(byte)(code + i)];
            var text = set.Decode(bytes, DicomVR.LO);
            if (expected[i] != '\uFFFD')
            {
                Assert.Equal(expected[i..(i + 1)], text);
                Assert.Equal(text, set.Decode(set.Encode(text, DicomVR.LO), DicomVR.LO));
            }
            else if (!isExtension)
            {
                Assert.Equal("\uFFFD", text);
            }
        }
    }

    [Fact]
    public void A_backslash_inside_a_character_separates_nothing()
    {
        var gbk = DicomCharacterSet.FromSpecificCharacterSet(["GBK"]);
        Assert.Equal(["乗", "一"], gbk.DecodeValues([0x81, 0x5C, 0x5C, 0xD2, 0xBB], DicomVR.LO));
        var kanji = DicomCharacterSet.FromSpecificCharacterSet(["", "ISO 2022 IR 87"]);
        Assert.Equal(["充", "A"], kanji.DecodeValues("\u001B$B=<\u001B(B\\A"u8, DicomVR.LO));
        Assert.Single(kanji.DecodeValues("\u001B$B=\\\u001B(B"u8, DicomVR.LO));
    }

    [Fact]
    public void A_byte_that_begins_no_character_swallows_no_backslash()
    {
        foreach (var term in (string[])["GBK", "GB18030", "ISO_IR 192"])
        {
            var set = DicomCharacterSet.FromSpecificCharacterSet([term]);
            Assert.Equal(["a\uFFFD", "b"], set.DecodeValues([(byte)'a', 0xFF, (byte)'\\', (byte)'b'], DicomVR.LO));
        }
    }

    [Fact]
    public void A_set_is_designated_again_where_another_came_between()
    {
        var set = DicomCharacterSet.FromSpecificCharacterSet(["", "ISO 2022 IR 87", "ISO 2022 IR 13"]);
        Assert.Equal(
            "\u001B)I?\u001B$B;3\u001B(Ba\u001B)I?\\\u001B$B;3\u001B(B",
            Encoding.ASCII.GetString(set.Encode("ﾔ山aﾔ\\山", DicomVR.LO)));
    }

    [Fact]
    public void Text_VRs_that_have_one_value_keep_backslashes()
    {
        Assert.Equal([@"a\b"], DicomCharacterSet.Default.DecodeValues(@"a\b"u8, DicomVR.LT));
        Assert.Equal(["a", "", "b "], DicomCharacterSet.Default.DecodeValues(@"a\\b "u8, DicomVR.LO));
        Assert.Empty(DicomCharacterSet.Default.DecodeValues([], DicomVR.LO));
    }

    [Fact]
    public void Other_VRs_are_not_subject_to_the_character_set()
    {
        var utf8 = DicomCharacterSet.FromSpecificCharacterSet(["ISO_IR 192"]);
        Assert.Equal("Ã©", utf8.Decode("é"u8, DicomVR.CS));
        Assert.Throws<DicomDataException>(() => utf8.Encode("é", DicomVR.CS));
        Assert.Equal("A1"u8.ToArray(), utf8.Encode("A1", DicomVR.CS));
    }

    [Theory]
    [InlineData("", "é")]
    [InlineData("ISO_IR 100", "Ж")]
    [InlineData("ISO_IR 100", "a\u001B-F")]
    [InlineData("ISO_IR 13", "¥")]
    [InlineData("GBK", "😀")]
    [InlineData("ISO_IR 109", "\uFFFD")]
    public void What_cannot_be_expressed_is_refused_and_not_quoted(string term, string text)
    {
        var set = DicomCharacterSet.FromSpecificCharacterSet([term]);
        var refusal = Assert.Throws<DicomDataException>(() => set.Encode(text, DicomVR.LO));
        Assert.DoesNotContain(text, refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        foreach (var term in (string[])["", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK"])
        {
            var set = DicomCharacterSet.FromSpecificCharacterSet([term]);
            Assert.Throws<DicomDataException>(() => set.Encode("a\uD800", DicomVR.LO));
        }
    }

    [Fact]
    public void No_bytes_make_reading_fail() =>
        Gen.Select(AnySet, HostileBytes, Gen.OneOf(TextVRs)).Sample((set, bytes, vr) =>
        {
            var text = set.Decode(bytes, vr);
            Assert.True(text.Length <= bytes.Length);
            Assert.Equal(bytes.Length == 0 ? "" : text, string.Join('\\', set.DecodeValues(bytes, vr)));
        });

    [Fact]
    public void What_can_be_written_is_read_again() =>
        Gen.Select(AnySet, HostileBytes, Gen.OneOf(TextVRs)).Sample((set, bytes, vr) =>
        {
            var text = string.Concat(set.Decode(bytes, vr).EnumerateRunes().Where(rune => CanEncode(set, rune, vr)));
            Assert.Equal(text, set.Decode(set.Encode(text, vr), vr));
        }, iter: 20_000);

    private static bool CanEncode(DicomCharacterSet set, Rune rune, DicomVR vr)
    {
        try
        {
            return set.Encode(rune.ToString(), vr).Length > 0;
        }
        catch (DicomDataException)
        {
            return false;
        }
    }

    private static byte[] EscapeOf(string term) => term switch
    {
        "ISO 2022 IR 87" => "\u001B$B"u8.ToArray(),
        "ISO 2022 IR 159" => "\u001B$(D"u8.ToArray(),
        "ISO 2022 IR 149" => "\u001B$)C"u8.ToArray(),
        _ => "\u001B$)A"u8.ToArray(),
    };

    private static TheoryData<Example> Read(string file) =>
        [.. JsonSerializer.Deserialize<Example[]>(
            File.ReadAllText(RepositoryFiles.PathOf(Vectors + file)), JsonSerializerOptions.Web)!];

    public sealed record Example(string Source, string[] Terms, string VR, string Hex, string Text)
    {
        /// <summary>False for bytes and escapes that no term declares: read, never written.</summary>
        public bool IsEncodable => !Source.Contains("undeclared", StringComparison.Ordinal);

        public override string ToString() => $"{Source} [{string.Join('\\', Terms)}] {Hex}";
    }
}
