using System.Globalization;
using System.Numerics;
using CsCheck;
using SecureStore.Contracts;

namespace SecureStore.Dicom.Tests;

public class DictionaryUidTests
{
    private static readonly Dictionary<string, DicomUidType> Types = new()
    {
        ["SOP Class"] = DicomUidType.SOPClass,
        ["Meta SOP Class"] = DicomUidType.MetaSOPClass,
        ["Service Class"] = DicomUidType.ServiceClass,
        ["Transfer Syntax"] = DicomUidType.TransferSyntax,
    };

    [Fact]
    public void Every_UID_of_pydicom_is_known_and_the_same()
    {
        var rows = RepositoryFiles.Table("tests/vectors/dictionary/pydicom-uids.tsv").ToList();
        Assert.True(rows.Count > 450);
        foreach (var row in rows)
        {
            var uid = DicomUID.Find(row[0]);
            Assert.NotNull(uid);
            Assert.Equal<string[]>(row, [uid.UID, uid.Name, row[2], uid.IsRetired ? "R" : ""]);
            Assert.True(DicomUID.IsValid(uid.UID));
            if (Types.TryGetValue(row[2], out var type))
                Assert.Equal(type, uid.Type);
        }
    }

    [Fact]
    public void Members_are_the_registered_UIDs()
    {
        Assert.Equal("1.2.840.10008.5.1.4.1.1.2", DicomUID.CTImageStorage.UID);
        Assert.Equal("1.2.840.10008.1.2.1", DicomUID.ExplicitVRLittleEndian.UID);
        Assert.Same(DicomUID.CTImageStorage, DicomUID.Find("1.2.840.10008.5.1.4.1.1.2"));
        Assert.Equal(DicomUID.Verification, new DicomUID("1.2.840.10008.1.1", "", DicomUidType.Unknown));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2.840.10008")]
    [InlineData("1.2.840.10008.1.2.9999")]
    [InlineData("x")]
    public void Others_are_not_found(string uid) => Assert.Null(DicomUID.Find(uid));

    [Theory]
    [InlineData("1.2.3", true)]
    [InlineData("0", true)]
    [InlineData("1.0.3", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("1.", false)]
    [InlineData(".1", false)]
    [InlineData("1..2", false)]
    [InlineData("1.2a", false)]
    [InlineData("1.2 ", false)]
    [InlineData("1.2\0", false)]
    [InlineData("1.\u0661", false)]
    [InlineData("-1.2", false)]
    [InlineData("../etc", false)]
    public void A_UID_is_digits_and_dots(string uid, bool valid)
    {
        Assert.Equal(valid, DicomUID.IsValid(uid));
        Assert.Equal(valid, DicomUID.IsValid(uid, allowLeadingZeros: true));
    }

    [Fact]
    public void A_UID_has_64_characters_at_most()
    {
        Assert.True(DicomUID.IsValid(new string('1', 64)));
        Assert.False(DicomUID.IsValid(new string('1', 65)));
    }

    [Theory]
    [InlineData("1.02.3")]
    [InlineData("1.2.00")]
    public void Leading_zeros_are_allowed_where_asked_for(string uid)
    {
        Assert.False(DicomUID.IsValid(uid));
        Assert.True(DicomUID.IsValid(uid, allowLeadingZeros: true));
    }

    [Fact]
    public void New_UIDs_are_random_UUIDs() => Gen.Const(0).Sample(_ =>
    {
        var uid = DicomUID.New();
        Assert.True(DicomUID.IsValid(uid));
        Assert.StartsWith("2.25.", uid, StringComparison.Ordinal);
        Assert.NotEqual(uid, DicomUID.New());
        var uuid = BigInteger.Parse(uid.AsSpan(5), CultureInfo.InvariantCulture);
        Assert.Equal(4, (int)((uuid >> 76) & 0xF));
        Assert.Equal(2, (int)((uuid >> 62) & 0x3));
    });
}
