using SecureStore.Contracts;

namespace SecureStore.Dicom.Tests;

public class TransferSyntaxTests
{
    [Fact]
    public void Every_transfer_syntax_of_the_registry_is_known_by_its_name()
    {
        var rows = RepositoryFiles.Table("tests/vectors/dictionary/pydicom-uids.tsv").Where(row => row[2] == "Transfer Syntax").ToList();
        Assert.True(rows.Count > 40);
        foreach (var row in rows)
        {
            var syntax = DicomTransferSyntax.Find(row[0]);
            Assert.NotNull(syntax);
            Assert.Equal((row[0], row[1], row[3] == "R"), (syntax.UID, syntax.Name, syntax.IsRetired));
        }
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2", false, false, false, false)]
    [InlineData("1.2.840.10008.1.2.1", true, false, false, false)]
    [InlineData("1.2.840.10008.1.2.2", true, true, false, false)]
    [InlineData("1.2.840.10008.1.2.1.99", true, false, true, false)]
    [InlineData("1.2.840.10008.1.2.1.98", true, false, false, true)]
    [InlineData("1.2.840.10008.1.2.4.50", true, false, false, true)]
    [InlineData("1.2.840.10008.1.2.4.95", true, false, true, false)]
    [InlineData("1.2.840.10008.1.2.4.201", true, false, false, true)]
    [InlineData("1.2.840.10008.1.2.5", true, false, false, true)]
    [InlineData("1.2.840.10008.1.2.8.1", true, false, false, true)]
    public void A_syntax_says_how_it_is_encoded(string uid, bool isExplicit, bool isBigEndian, bool isDeflated, bool isEncapsulated)
    {
        var syntax = DicomTransferSyntax.Find(uid)!;
        Assert.Equal(
            (isExplicit, isBigEndian, isDeflated, isEncapsulated),
            (syntax.IsExplicitVR, syntax.IsBigEndian, syntax.IsDeflated, syntax.IsEncapsulated));
    }

    [Fact]
    public void An_unregistered_UID_is_unknown() => Assert.Null(DicomTransferSyntax.Find("1.2.840.10008.1.2.99"));
}
