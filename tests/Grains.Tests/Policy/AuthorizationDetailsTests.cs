using CsCheck;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;

namespace SecureStore.Grains.Tests.Policy;

public sealed class AuthorizationDetailsTests
{
    private static readonly Gen<string> Identifier = Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c)), 1, 64];

    private static readonly Gen<PolicyLocation> Location = Gen.OneOf<PolicyLocation>(
        Gen.Const<PolicyLocation>(new PolicyLocation.Everything()),
        Gen.String[Gen.Char["0123456789."], 1, 64].Select(uid => (PolicyLocation)new PolicyLocation.OfStudy(uid)),
        Gen.Select(Gen.OneOf(Gen.Const(""), Identifier), Identifier).Select((issuer, id) => (PolicyLocation)new PolicyLocation.OfPatient(new PatientIdentity(issuer, id))));

    private static readonly Gen<PolicyGrant> Grant = Gen.Select(Gen.Int[1, 511], Location.Array[1, 8], Gen.Int[0, 3].Select(i => new[] { "TREAT", "ETREAT", "HRESCH", "CLINTRCH" }[i]))
        .Select((actions, locations, purpose) => new PolicyGrant((PolicyActions)actions, locations, purpose));

    [Fact]
    public void What_is_written_reads_back_the_same() => Grant.Array[0, 6].Sample(grants =>
    {
        var read = AuthorizationDetails.Parse(AuthorizationDetails.Write(grants));
        Assert.Equal(grants.Length, read.Count);
        foreach (var (expected, actual) in grants.Zip(read))
        {
            Assert.Equal(expected.Actions, actual.Actions);
            Assert.Equal(expected.PurposeOfUse, actual.PurposeOfUse);
            Assert.Equal(expected.Locations, actual.Locations);
        }
    });

    [Fact]
    public void The_written_form_is_the_documented_one() =>
        Assert.Equal(
            """[{"type":"securestore_study","actions":["search","read"],"locations":["everything","study:1.2.3","patient:H%C3%B4pital%20A:12%3A34","patient::7"],"purpose_of_use":"TREAT"}]""",
            AuthorizationDetails.Write([new PolicyGrant(PolicyActions.Read | PolicyActions.Search,
            [
                new PolicyLocation.Everything(),
                new PolicyLocation.OfStudy("1.2.3"),
                new PolicyLocation.OfPatient(new PatientIdentity("Hôpital A", "12:34")),
                new PolicyLocation.OfPatient(new PatientIdentity("", "7")),
            ], "TREAT")]));

    [Theory]
    [InlineData("Everything")]
    [InlineData("everything ")]
    [InlineData("study:")]
    [InlineData("study:1.2.x")]
    [InlineData("study:*")]
    [InlineData("study:00000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("patient:")]
    [InlineData("patient:A")]
    [InlineData("patient:A:")]
    [InlineData("patient:A:B:C")]
    [InlineData("patient:A:B*")]
    [InlineData("patient:A:%")]
    [InlineData("patient:A:%4")]
    [InlineData("patient:A:%4G")]
    [InlineData("patient:A:%FF")]
    [InlineData("patient:A:%ED%A0%80")]
    [InlineData("patient:A:ä")]
    [InlineData("series:1.2")]
    [InlineData("")]
    public void What_is_no_location_is_refused(string text) => Assert.Throws<FormatException>(() => PolicyLocationSyntax.Parse(text));

    [Theory]
    [InlineData("patient:A:%41%42", "A", "AB")]
    [InlineData("patient::%e4%b8%ad", "", "中")]
    [InlineData("patient:%3A:~_-.", ":", "~_-.")]
    public void Percent_encoding_is_undone(string text, string issuer, string id) =>
        Assert.Equal(new PolicyLocation.OfPatient(new PatientIdentity(issuer, id)), PolicyLocationSyntax.Parse(text));

    [Fact]
    public void Long_identifiers_end_at_512_bytes()
    {
        Assert.IsType<PolicyLocation.OfPatient>(PolicyLocationSyntax.Parse("patient::" + new string('a', 512)));
        Assert.Throws<FormatException>(() => PolicyLocationSyntax.Parse("patient::" + new string('a', 513)));
    }

    [Fact]
    public void What_has_no_written_form_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => PolicyLocationSyntax.Write(new PolicyLocation.OfPatient(PatientIdentity.ForStudyAlone("1.2"))));
        Assert.Throws<ArgumentException>(() => AuthorizationDetails.Write([new PolicyGrant(PolicyActions.None, [new PolicyLocation.Everything()], "TREAT")]));
        Assert.Throws<ArgumentException>(() => AuthorizationDetails.Write([new PolicyGrant(PolicyActions.Read, [new PolicyLocation.Everything()], "treat")]));
    }

    [Fact]
    public void Any_text_is_either_read_or_refused_in_the_documented_way() => Gen.String.Sample(text =>
    {
        try
        {
            AuthorizationDetails.Parse(text);
        }
        catch (FormatException)
        {
            Assert.Throws<FormatException>(() => AuthorizationDetails.Parse(text));
        }
    });

    [Fact]
    public void A_lone_surrogate_is_a_format_error() =>
        Assert.Throws<FormatException>(() => AuthorizationDetails.Parse(
            """[{"type":"securestore_study","actions":["\ud800"],"locations":["everything"],"purpose_of_use":"TREAT"}]"""));

    [Fact]
    public void More_than_128_entries_are_refused()
    {
        var entry = """{"type":"other"}""";
        Assert.Empty(AuthorizationDetails.Parse("[" + string.Join(',', Enumerable.Repeat(entry, 128)) + "]"));
        Assert.Throws<FormatException>(() => AuthorizationDetails.Parse("[" + string.Join(',', Enumerable.Repeat(entry, 129)) + "]"));
    }

    [Fact]
    public void The_purposes_are_HL7s()
    {
        Assert.All(["TREAT", "ETREAT", "HRESCH", "HOPERAT", "PATRQT", "HPAYMT", "HMARKT", "PUBHLTH", "HSYSADMIN"], code => Assert.True(PurposeOfUse.IsKnown(code)));
        Assert.False(PurposeOfUse.IsKnown("PurposeOfUse"));
        Assert.False(PurposeOfUse.IsKnown(""));
    }
}
