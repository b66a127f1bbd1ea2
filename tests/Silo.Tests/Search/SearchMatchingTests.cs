using SecureStore.Dicom;
using SecureStore.Silo.Search;
using static SecureStore.Silo.Tests.Search.SearchArchive;

namespace SecureStore.Silo.Tests.Search;

public sealed class SearchMatchingTests : IDisposable
{
    private readonly SearchArchive archive = new();

    public SearchMatchingTests()
    {
        archive.Add(Facts("1.1", "P1", Json(
            (DicomTag.StudyDate, "20200110"), (DicomTag.StudyTime, "103015.5"), (DicomTag.AccessionNumber, "ACC1"),
            (DicomTag.PatientName, "Müller^Änne^^Dr."), (DicomTag.PatientID, "P1"), (DicomTag.PatientSex, "F"),
            (DicomTag.PatientBirthDate, "19700203"), (DicomTag.StudyDescription, "CT 100% Thorax_a"), (DicomTag.StudyID, "S1"),
            (DicomTag.ReferringPhysicianName, "House^Gregory"), (DicomTag.PatientWeight, 70)), Series("1.1.1", "CT"), Series("1.1.2", "SR")));
        archive.Add(Facts("1.2", "P2", Json(
            (DicomTag.StudyDate, "20210315"), (DicomTag.StudyTime, "2359"), (DicomTag.AccessionNumber, "acc1"),
            (DicomTag.PatientName, "Yamada^Tarou=山田^太郎=やまだ^たろう"), (DicomTag.PatientID, "P2"), (DicomTag.PatientSex, "M"),
            (DicomTag.StudyDescription, "It's \"quoted\" [x]"), (DicomTag.IssuerOfPatientID, "HOSP")), Series("1.2.1", "MR")));
        archive.Add(Facts("1.3", "P3", Json(
            (DicomTag.PatientName, "Doe"), (DicomTag.PatientID, "P3\\x"), (DicomTag.StudyDescription, ""), (DicomTag.StudyID, "")),
            Series("1.3.1", "DX")));
    }

    public void Dispose() => archive.Dispose();

    [Theory]
    [InlineData("", "1.2 1.1 1.3")]
    [InlineData("PatientName=", "1.2 1.1 1.3")]
    [InlineData("PatientName=*", "1.2 1.1 1.3")]
    [InlineData("PatientName=müller^änne^^dr.", "1.1")]
    [InlineData("00100010=MULLER*", "1.1")]
    [InlineData("PatientName=*nne*", "1.1")]
    [InlineData("PatientName=M?LLER^*", "1.1")]
    [InlineData("PatientName=Muller", "")]
    [InlineData("PatientName=Doe", "1.3")]
    [InlineData("PatientName=doe^", "1.3")]
    [InlineData("PatientName=doe^*", "1.3")]
    [InlineData("PatientName=YAMADA^TAROU", "1.2")]
    [InlineData("PatientName=山田^太郎", "1.2")]
    [InlineData("PatientName=山*", "1.2")]
    [InlineData("PatientName=*田^太*", "1.2")]
    [InlineData("PatientName=?田*", "1.2")]
    [InlineData("PatientName=Yamada^*=山田*", "1.2")]
    [InlineData("PatientName==山田*", "1.2")]
    [InlineData("PatientName=山田*=Yamada*", "")]
    [InlineData("PatientName=%25", "")]
    [InlineData("PatientName='; DROP TABLE study;--", "")]
    [InlineData("PatientID=P1", "1.1")]
    [InlineData("PatientID=p1", "")]
    [InlineData("PatientID=P?", "1.2 1.1")]
    [InlineData("PatientID=*3*", "1.3")]
    [InlineData("PatientID=P3", "")]
    [InlineData("PatientID=P3%5Cx", "1.3")]
    [InlineData("IssuerOfPatientID=HOSP", "1.2")]
    [InlineData("AccessionNumber=ACC1", "1.1")]
    [InlineData("AccessionNumber=acc*", "1.2")]
    [InlineData("StudyDescription=*100%25*", "1.1")]
    [InlineData("StudyDescription=*0%25%25*", "")]
    [InlineData("StudyDescription=*Thorax_*", "1.1")]
    [InlineData("StudyDescription=*Thora_*", "")]
    [InlineData("StudyDescription=*\"quoted\"*", "1.2")]
    [InlineData("StudyDescription=It's*[x]", "1.2")]
    [InlineData("StudyDescription=*[xyz]", "")]
    [InlineData("StudyDate=20200110", "1.1")]
    [InlineData("StudyDate=20200110-20210315", "1.2 1.1")]
    [InlineData("StudyDate=20200111-", "1.2")]
    [InlineData("StudyDate=-20200110", "1.1")]
    [InlineData("StudyTime=1030", "1.1")]
    [InlineData("StudyTime=103015.5", "1.1")]
    [InlineData("StudyTime=103015.6", "")]
    [InlineData("StudyTime=1031-", "1.2")]
    [InlineData("StudyTime=-1030", "1.1")]
    [InlineData("PatientBirthDate=19700101-19701231", "1.1")]
    [InlineData("PatientSex=F,M", "1.2 1.1")]
    [InlineData("ModalitiesInStudy=CT", "1.1")]
    [InlineData("ModalitiesInStudy=CT,MR", "1.2 1.1")]
    [InlineData("ModalitiesInStudy=CT%5CDX", "1.1 1.3")]
    [InlineData("00080061=S*", "1.1")]
    [InlineData("StudyInstanceUID=1.1,1.3", "1.1 1.3")]
    [InlineData("StudyInstanceUID=1.1%5C1.2", "1.2 1.1")]
    [InlineData("StudyInstanceUID=1.1&StudyInstanceUID=1.2", "1.2 1.1")]
    [InlineData("StudyInstanceUID=1", "")]
    [InlineData("NumberOfStudyRelatedSeries=2", "1.1")]
    [InlineData("PatientWeight=70.0", "1.1")]
    [InlineData("fuzzymatching=true&PatientName=anne mul", "1.1")]
    [InlineData("fuzzymatching=true&PatientName=Tarou", "1.2")]
    [InlineData("fuzzymatching=true&PatientName=太", "1.2")]
    [InlineData("fuzzymatching=true&PatientName=ller", "")]
    [InlineData("fuzzymatching=true&PatientName=*ller*", "1.1")]
    [InlineData("fuzzymatching=true&PatientName=Tarou 山", "")]
    [InlineData("fuzzymatching=false&PatientName=Tarou", "")]
    [InlineData("emptyvaluematching=true&StudyID=\"\"", "1.2 1.3")]
    [InlineData("multiplevaluematching=true&PatientID=P1%5CP2", "1.2 1.1")]
    [InlineData("ReferringPhysicianName=house*&StudyID=S1", "1.1")]
    [InlineData("limit=101&offset=0&fuzzymatching=false&includefield=00081030,00080060&PatientName=*LLER*&StudyDate=20200101-20201231&ModalitiesInStudy=CT", "1.1")]
    public async Task A_key_finds_what_it_matches(string query, string found) =>
        Assert.Equal(found, string.Join(' ', await archive.StudiesAsync(query)));

    [Theory]
    [InlineData("StudyDate=2020")]
    [InlineData("StudyDate=20201340")]
    [InlineData("StudyDate=-")]
    [InlineData("StudyDate=20200101-20201231-")]
    [InlineData("StudyTime=25")]
    [InlineData("StudyInstanceUID=1.2.*")]
    [InlineData("StudyInstanceUID=abc")]
    [InlineData("NumberOfStudyRelatedSeries=many")]
    [InlineData("PatientName=a=b=c=d")]
    [InlineData("PatientNmae=x")]
    [InlineData("0010001=x")]
    [InlineData("PatientName.PatientID=x")]
    [InlineData("PatientID=1&PatientID=2")]
    [InlineData("PatientID=1&00100020=2")]
    [InlineData("PatientID=%00")]
    [InlineData("limit=-1")]
    [InlineData("limit=x")]
    [InlineData("offset=-1")]
    [InlineData("offset=99999999999999999999")]
    [InlineData("fuzzymatching=maybe")]
    [InlineData("A.B.C.D.E.F.G.H.I.J=1")]
    public void A_malformed_parameter_is_refused(string query) =>
        Assert.Throws<QueryFormatException>(() => archive.Query(QueryLevel.Study, query));

    [Fact]
    public void A_refusal_names_the_parameter_and_never_its_value()
    {
        var refusal = Assert.Throws<QueryFormatException>(() => archive.Query(QueryLevel.Study, "StudyDate=SECRET"));
        Assert.Contains("00080020", refusal.Message);
        Assert.DoesNotContain("SECRET", refusal.Message);
    }

    [Theory]
    [InlineData("_=123", "parameter _")]
    [InlineData("Modality=CT", "00080060")]
    [InlineData("00091001=x", "00091001")]
    [InlineData("ProcedureCodeSequence=x", "00081032")]
    [InlineData("includefield=PixelData", "PixelData")]
    [InlineData("includefield=No\"such\r\n", "No?such")]
    public async Task What_is_not_done_is_warned_of_and_the_rest_is_done(string parameters, string warning)
    {
        var query = archive.Query(QueryLevel.Study, parameters.Replace("\r\n", "%7F", StringComparison.Ordinal).Replace("%7F", "x", StringComparison.Ordinal));
        Assert.Contains(warning, Assert.Single(query.Warnings));
        Assert.Equal(3, (await archive.HitsAsync(query)).Count);
    }

    [Fact]
    public async Task Keys_of_one_sequence_must_match_in_one_item()
    {
        static byte[] Request(string step, string procedure) =>
            Json((DicomTag.ScheduledProcedureStepID, step), (DicomTag.RequestedProcedureID, procedure));
        var both = System.Text.Json.Nodes.JsonNode.Parse(Json((DicomTag.RequestAttributesSequence, Request("A", "1"))))!;
        ((System.Text.Json.Nodes.JsonArray)both["00400275"]!["Value"]!).Add(System.Text.Json.Nodes.JsonNode.Parse(Request("B", "2")));
        archive.Add(Facts("2", "P", "{}"u8.ToArray(), Series("2.1", "CT", System.Text.Encoding.UTF8.GetBytes(both.ToJsonString()))));

        const string Step = "RequestAttributesSequence.ScheduledProcedureStepID";
        Assert.Equal(["2.1"], await archive.SeriesAsync($"{Step}=B"));
        Assert.Equal(["2.1"], await archive.SeriesAsync("00400275.00400009=A&00400275.00401001=1"));
        Assert.Empty(await archive.SeriesAsync($"{Step}=A&RequestAttributesSequence.RequestedProcedureID=2"));
        Assert.Empty(await archive.SeriesAsync($"{Step}=C"));
    }

    [Theory]
    [InlineData("2020-0500", "20200101050000", true)]
    [InlineData("20200101-20200102", "20200102235959.999999", true)]
    [InlineData("20200101-20200102", "20200103", false)]
    [InlineData("20200101120000+0200", "20200101100000+0000", true)]
    [InlineData("20200101120000-0500-", "20200101165959+0000", false)]
    [InlineData("2019-", "2018", false)]
    public void Date_times_match_with_their_offsets(string key, string value, bool matches) =>
        Assert.Equal(matches, TemporalForm.DateTime.ParseKey(key)!.Matches(AttributeValue.OfText(value)));

    [Fact]
    public void A_pattern_of_many_stars_is_matched_in_reasonable_time()
    {
        var pattern = new WildcardPattern(string.Concat(Enumerable.Repeat("a*", 1000)) + "b");
        Assert.False(pattern.IsMatch(new('a', 20_000)));
    }
}
