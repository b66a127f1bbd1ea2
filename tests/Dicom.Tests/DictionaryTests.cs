using SecureStore.Contracts;
using SecureStore.DictionaryGenerator;

namespace SecureStore.Dicom.Tests;

public class DictionaryTests
{
    [Fact]
    public void Generated_files_are_what_the_tables_say()
    {
        foreach (var (name, source) in Generator.Run(RepositoryFiles.PathOf("tools/DictionaryGenerator")))
        {
            var file = File.ReadAllText(RepositoryFiles.PathOf($"src/Dicom/Generated/{name}"));
            Assert.True(file == source, $"{name} differs from the tables: run tools/DictionaryGenerator.");
        }
    }

    [Fact]
    public void Every_entry_of_pydicom_is_known_and_the_same()
    {
        var rows = RepositoryFiles.Table("tests/vectors/dictionary/pydicom.tsv").ToList();
        Assert.True(rows.Count > 4900);
        foreach (var row in rows)
        {
            Assert.True(DicomTag.TryParse(row[0], out var tag));
            var entry = DicomDictionary.Find(tag);
            Assert.NotNull(entry);
            var vrs = entry.VRs.Count == 0 ? "NONE" : string.Join(" or ", entry.VRs);
            Assert.Equal<string[]>(row, [row[0], entry.Keyword, vrs, entry.VM, entry.IsRetired ? "R" : ""]);
            Assert.Equal(entry.Tag.Value, tag.Value & entry.Mask);
            Assert.Equal(entry.VRs.Count == 0 ? DicomVR.UN : entry.VRs[0], DicomDictionary.VRFor(tag));
        }
    }

    [Fact]
    public void Every_keyword_finds_its_tag_and_is_a_member_of_DicomTag()
    {
        var rows = Registry.Elements(RepositoryFiles.PathOf("tools/DictionaryGenerator"));
        foreach (var row in rows.Where(row => row.Keyword.Length > 0))
        {
            Assert.True(DicomDictionary.TryFindKeyword(row.Keyword, out var tag));
            Assert.Equal(row.Tag, tag.Value);
            if (!row.IsRepeating)
                Assert.Equal(row.Name, DicomDictionary.Find(tag)!.Name);

            Assert.Equal(tag, typeof(DicomTag).GetProperty(row.Keyword)!.GetValue(null));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("patientid")]
    [InlineData("PatientI")]
    [InlineData("PatientIDs")]
    [InlineData("Påtient")]
    [InlineData("~")]
    public void Other_words_are_no_keyword(string word) => Assert.False(DicomDictionary.TryFindKeyword(word, out _));

    [Theory]
    [InlineData(0x00090010u, "LO")]
    [InlineData(0x000900FFu, "LO")]
    [InlineData(0x00091001u, null)]
    [InlineData(0x00090001u, null)]
    [InlineData(0x00090000u, "UL")]
    [InlineData(0x00080000u, "UL")]
    [InlineData(0x60000000u, "UL")]
    [InlineData(0x00081234u, null)]
    [InlineData(0x60010010u, "LO")]
    [InlineData(0x61000010u, null)]
    public void What_is_not_registered_has_the_VR_of_its_kind_or_none(uint value, string? vr)
    {
        var tag = DicomTag.FromValue(value);
        Assert.Equal(vr, DicomDictionary.Find(tag)?.VRs[0].Code);
        Assert.Equal(vr ?? "UN", DicomDictionary.VRFor(tag).Code);
    }

    [Fact]
    public void The_same_entry_comes_back_each_time() =>
        Assert.Same(DicomDictionary.Find(DicomTag.PatientName), DicomDictionary.Find(new(0x0010, 0x0010)));
}
